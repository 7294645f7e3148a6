"use client";
import { useQueryStates } from "nuqs";
import { logSearchParams } from "@/app/(workspace)/[workspace]/predictions/search-params";
import { useNow } from "@/components/ui/time";
import { isRequestId } from "./request-id";

/** What stands in the address but is no filter. */
const VIEW = ["live", "open", "within", "shown"];
const MINUTE_MS = 60_000;

/** The filters in the address and what the log is asked with them; `deployment` is fixed by a page. */
export function useLogQuery(deployment: string | undefined) {
  const [params, setParams] = useQueryStates(logSearchParams);
  // A time that moved with every second would be a new question every second.
  const now = useNow(MINUTE_MS);
  const request = params.request?.trim() ?? "";
  const fromMs = (now || Date.now()) - Number(params.within) * MINUTE_MS;
  const filters = {
    deployment: deployment ?? params.deployment ?? undefined,
    status: params.shown === "all" ? undefined : params.shown,
    variant: params.variant || undefined,
    version: params.version ?? undefined,
    lane: params.lane ?? undefined,
    latencyAboveMs: params.above ?? undefined,
    unit: params.unit || undefined,
    feature: params.feature || undefined,
    value: params.feature ? (params.value ?? "") : undefined,
    hasOutcome: params.outcome === null ? undefined : params.outcome === "known",
    // The id tells its day by itself.
    from: isRequestId(request) ? undefined : new Date(fromMs - (fromMs % MINUTE_MS)).toISOString(),
    requestId: isRequestId(request) ? request : undefined,
  };
  const active = Object.entries(params).filter(
    ([name, value]) =>
      value !== null &&
      value !== "" &&
      !VIEW.includes(name) &&
      !(name === "deployment" && deployment) &&
      !(name === "value" && !params.feature),
  ).length;
  const clear = () =>
    void setParams({
      ...{ variant: null, version: null, lane: null, above: null, unit: null, feature: null },
      ...{ value: null, outcome: null, request: null, deployment: null, shown: null },
    });
  return { params, setParams, filters, active, clear };
}

export type LogFilters = ReturnType<typeof useLogQuery>["filters"];
