"use client";
import { useQueryStates } from "nuqs";
import { logSearchParams } from "@/app/(workspace)/[workspace]/predictions/search-params";
import { useNow } from "@/components/ui/time";
import { isRequestId } from "./request-id";

/** What stands in the address but is no filter. */
const VIEW = ["live", "open", "within", "shown"];
const MINUTE_MS = 60_000;
/** Longer times reach into archives, which are not asked every other second. */
const FOLLOWED_MINUTES = 1_440;

/** The filters in the address and what the log is asked with them; `deployment` is fixed by a page. */
export function useLogQuery(deployment: string | undefined) {
  const [params, setParams] = useQueryStates(logSearchParams);
  // A time that moved with every second would be a new question every second.
  const now = useNow(MINUTE_MS);
  const request = params.request?.trim() ?? "";
  const minutes = Number(params.within);
  const mayFollow = minutes <= FOLLOWED_MINUTES;
  const stepMs = mayFollow ? MINUTE_MS : 60 * MINUTE_MS;
  const fromMs = (now || Date.now()) - minutes * MINUTE_MS;
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
    pinned: params.pinned === null ? undefined : params.pinned === "yes",
    // The id tells its day by itself.
    from: isRequestId(request) ? undefined : new Date(fromMs - (fromMs % stepMs)).toISOString(),
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
      ...{ value: null, outcome: null, pinned: null, request: null, deployment: null, shown: null },
    });
  return { params, setParams, filters, active, clear, mayFollow };
}

export type LogFilters = ReturnType<typeof useLogQuery>["filters"];
