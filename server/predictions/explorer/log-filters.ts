import { and, eq, gt, gte, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import { deploymentVariants, modelVersions, predictionLogs, predictionOutcomes } from "@/db/schema";
import { isUuid } from "@/server/kernel/ids";
import { requestTime } from "../outcomes/request-time";
import type { LogQuery } from "./schemas";

const l = predictionLogs;

/** A request is noted when it is answered, at most this long after its id was made, milliseconds. */
const ANSWERED_MS = 15 * 60_000;
const AHEAD_MS = 60_000;

type Filters = Omit<LogQuery, "limit" | "cursor" | "order" | "deployment">;

/** The conditions of a query on the rows that `selectLogs` reads. */
export function logFilters(query: Filters, now: Date): (SQL | undefined)[] {
  const { from, to, variant, version, latencyAboveMs, unit, hasOutcome, lane } = query;
  return [
    from === undefined ? undefined : gte(l.at, new Date(from)),
    to === undefined ? undefined : lt(l.at, new Date(to)),
    variant === undefined ? undefined : variantIs(variant),
    version === undefined ? undefined : eq(modelVersions.number, version),
    query.status === undefined ? undefined : STATUS[query.status],
    lane === undefined ? undefined : eq(l.lane, lane),
    latencyAboveMs === undefined ? undefined : gt(l.latencyUs, Math.round(latencyAboveMs * 1000)),
    unit === undefined ? undefined : eq(l.unit, storable(unit)),
    query.feature === undefined ? undefined : featureIs(query.feature, query.value ?? ""),
    hasOutcome === undefined ? undefined : (hasOutcome ? isNotNull : isNull)(predictionOutcomes.at),
    query.pinned === undefined ? undefined : eq(l.isPinned, query.pinned),
    query.requestId === undefined ? undefined : requestIs(query.requestId, now),
  ];
}

const STATUS = {
  ok: lt(l.status, 400),
  error: gte(l.status, 400),
  refused: and(gte(l.status, 400), lt(l.status, 500)),
  failed: gte(l.status, 500),
};

const variantIs = (variant: string): SQL =>
  isUuid(variant) ? eq(l.variantId, variant) : eq(deploymentVariants.name, variant);

/** When a request with this id was answered; undefined where the id does not tell. */
export function requestWindow(
  requestId: string,
  now: Date,
): { from: Date; until: Date } | undefined {
  const madeAt = requestTime(requestId, now)?.getTime();
  if (madeAt === undefined) return undefined;
  return { from: new Date(madeAt - AHEAD_MS), until: new Date(madeAt + ANSWERED_MS) };
}

/** The id tells the day, so one partition is read instead of all. */
export function requestIs(requestId: string, now: Date): SQL | undefined {
  const window = requestWindow(requestId, now);
  return and(
    eq(l.requestId, requestId),
    window && gte(l.at, window.from),
    window && lt(l.at, window.until),
  );
}

export const storable = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();

/** Any row of the request has the value, as text or as what the text means in JSON. */
function featureIs(feature: string, value: string): SQL {
  const name = storable(feature);
  const wanted = [storable(value), ...meanings(value)].map((one) =>
    JSON.stringify([{ [name]: one }]),
  );
  return sql`${l.inputs}::jsonb @> any(${sql.param(wanted)}::jsonb[])`;
}

function meanings(value: string): unknown[] {
  if (value === "null" || value === "") return [null];
  if (value === "true" || value === "false") return [value === "true"];
  const number = value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(number) ? [number] : [];
}
