import {
  endTrace,
  getTrace,
  searchTraces,
  startTrace,
  TRACE_STATES,
  type TraceDto,
} from "@/server/experiments";
import { newId } from "@/server/kernel/ids";
import { entries, toEntries } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { id, int64, list, oneOf, required, str } from "./fields";
import { experimentNumber, traceTags } from "./trace-wire";
import { hexId, listed } from "./wire";

const toRecord = (items: { key: string; value: string | undefined }[]): Record<string, string> =>
  Object.fromEntries(toEntries(items).map(({ key, value }) => [key, value]));

const toList = (record: Record<string, string>) =>
  Object.keys(record)
    .toSorted()
    .map((key) => ({ key, value: record[key] }));

/** Clients before MLflow 3 write states with one other word. */
const STATUSES = ["TRACE_STATUS_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"] as const;

const toWireTraceV2 = (trace: TraceDto) => ({
  request_id: trace.id,
  experiment_id: String(trace.experimentNumber),
  timestamp_ms: trace.requestTime,
  ...(trace.durationMs === null ? {} : { execution_time_ms: trace.durationMs }),
  status: STATUSES[TRACE_STATES.indexOf(trace.state)],
  ...listed("request_metadata", toList(trace.metadata)),
  ...listed("tags", toList(traceTags(trace))),
});

const stateOf = (status: (typeof STATUSES)[number] | undefined) =>
  status && TRACE_STATES[STATUSES.indexOf(status)];

/** Traces as clients before MLflow 3 report them: begun and ended by two calls. */
export const traceV2Routes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/traces",
    permission: "experiments:write",
    fields: {
      experiment_id: required(id),
      timestamp_ms: required(int64),
      request_metadata: entries,
      tags: entries,
    },
    handler: async ({ ctx, body }) => {
      const trace = await startTrace(ctx, {
        traceId: `tr-${hexId(newId(ctx.now().getTime()))}`,
        experimentNumber: experimentNumber(body.experiment_id),
        requestTime: body.timestamp_ms,
        state: "IN_PROGRESS",
        metadata: toRecord(body.request_metadata),
        tags: toRecord(body.tags),
      });
      return { trace_info: toWireTraceV2(trace) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/traces",
    permission: "experiments:read",
    fields: {
      experiment_ids: list(id),
      filter: str,
      max_results: int64,
      order_by: list(str),
      page_token: str,
    },
    handler: async ({ ctx, body }) => {
      const page = await searchTraces(ctx, {
        experimentNumbers: body.experiment_ids.map(experimentNumber),
        filter: body.filter,
        orders: body.order_by,
        limit: body.max_results,
        cursor: body.page_token || undefined,
      });
      return {
        ...listed("traces", page.items.map(toWireTraceV2)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    methods: ["PATCH"],
    path: "/traces/:request_id",
    permission: "experiments:write",
    fields: {
      request_id: required(str),
      timestamp_ms: int64,
      status: oneOf(STATUSES, 0),
      request_metadata: entries,
      tags: entries,
    },
    handler: async ({ ctx, body }) => {
      const trace = await endTrace(ctx, {
        traceId: body.request_id,
        endTime: body.timestamp_ms,
        state: stateOf(body.status),
        metadata: toRecord(body.request_metadata),
        tags: toRecord(body.tags),
      });
      return { trace_info: toWireTraceV2(trace) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/traces/:request_id/info",
    permission: "experiments:read",
    fields: { request_id: required(str) },
    handler: async ({ ctx, body }) => ({
      trace_info: toWireTraceV2(await getTrace(ctx, { traceId: body.request_id })),
    }),
  }),
];
