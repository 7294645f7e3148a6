import {
  deleteTraces,
  getTrace,
  linkPrompts,
  linkTraces,
  readTracesWithSpans,
  searchTraces,
  setTraceTag,
  startTrace,
  TRACE_STATES,
  type TraceWithSpans,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { defineMlflowRoute } from "./contract";
import { invalidParameter, MlflowError, missingParameter } from "./errors";
import { id, int64, list, message, oneOf, required, str, textMap } from "./fields";
import { durationMs, experimentNumber, timestampMs, toWireTrace } from "./trace-wire";
import { listed } from "./wire";

const location = message({
  type: str,
  mlflow_experiment: message({ experiment_id: required(id) }),
});

const traceInfo = message({
  trace_id: required(str),
  client_request_id: str,
  trace_location: required(location),
  request_preview: str,
  response_preview: str,
  request_time: required(str),
  execution_duration: str,
  state: oneOf(TRACE_STATES, 0),
  trace_metadata: textMap,
  tags: textMap,
});

/** Throws INVALID_PARAMETER_VALUE for none and for more than a hundred. */
function someTraces(ctx: Context, traceIds: string[], withSpans: boolean) {
  if (traceIds.length === 0) throw missingParameter("trace_ids");
  if (traceIds.length > 100) throw invalidParameter("trace_ids may hold 100 ids at most.");
  return readTracesWithSpans(ctx, { traceIds, withSpans });
}

const toWireSpans = (trace: TraceWithSpans) => ({
  trace_info: toWireTrace(trace),
  ...listed("spans", trace.spans),
});

const promptVersion = message({ name: required(str), version: required(str) });

const asText = (value: string | undefined): string | null => value ?? null;

const tagFields = { trace_id: required(str), key: required(str) };

/** Both versions of the interface have these; clients of the newer one use the older paths. */
const sharedRoutes = (["2.0", "3.0"] as const).flatMap((version) => [
  defineMlflowRoute({
    version,
    methods: ["POST"],
    path: "/traces/delete-traces",
    permission: "experiments:write",
    fields: {
      experiment_id: required(id),
      max_timestamp_millis: int64,
      max_traces: int64,
      request_ids: list(str),
    },
    handler: async ({ ctx, body }) => ({
      traces_deleted: await deleteTraces(ctx, {
        experimentNumber: experimentNumber(body.experiment_id),
        traceIds: body.request_ids,
        until: body.max_timestamp_millis,
        limit: body.max_traces,
      }),
    }),
  }),
  defineMlflowRoute({
    version,
    methods: ["PATCH"],
    path: "/traces/:trace_id/tags",
    permission: "experiments:write",
    fields: { ...tagFields, value: str },
    handler: async ({ ctx, body }) => {
      await setTraceTag(ctx, { traceId: body.trace_id, key: body.key, value: body.value ?? "" });
      return {};
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["DELETE"],
    path: "/traces/:trace_id/tags",
    permission: "experiments:write",
    fields: tagFields,
    handler: async ({ ctx, body }) => {
      await setTraceTag(ctx, { traceId: body.trace_id, key: body.key, value: null });
      return {};
    },
  }),
]);

export const traceRoutes = [
  defineMlflowRoute({
    version: "3.0",
    methods: ["POST"],
    path: "/traces",
    permission: "experiments:write",
    fields: { trace: required(message({ trace_info: required(traceInfo) })) },
    handler: async ({ ctx, body }) => {
      const info = body.trace.trace_info;
      const trace = await startTrace(ctx, {
        traceId: info.trace_id,
        experimentNumber: experimentNumber(info.trace_location.mlflow_experiment?.experiment_id),
        clientRequestId: asText(info.client_request_id),
        requestTime: timestampMs(info.request_time, "request_time"),
        durationMs: info.execution_duration
          ? durationMs(info.execution_duration, "execution_duration")
          : null,
        state: info.state,
        requestPreview: asText(info.request_preview),
        responsePreview: asText(info.response_preview),
        metadata: info.trace_metadata,
        tags: info.tags,
      });
      return { trace: { trace_info: toWireTrace(trace) } };
    },
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["POST"],
    path: "/traces/search",
    permission: "experiments:read",
    fields: {
      locations: list(required(location)),
      filter: str,
      max_results: int64,
      order_by: list(str),
      page_token: str,
    },
    handler: async ({ ctx, body }) => {
      const page = await searchTraces(ctx, {
        experimentNumbers: body.locations.map((one) =>
          experimentNumber(one.mlflow_experiment?.experiment_id),
        ),
        filter: body.filter,
        orders: body.order_by,
        limit: body.max_results,
        cursor: body.page_token || undefined,
      });
      return {
        ...listed("traces", page.items.map(toWireTrace)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  ...sharedRoutes,
  defineMlflowRoute({
    methods: ["POST"],
    path: "/traces/link-to-run",
    permission: "experiments:write",
    fields: { trace_ids: list(str), run_id: required(str) },
    handler: async ({ ctx, body }) => {
      await linkTraces(ctx, { runId: body.run_id, traceIds: body.trace_ids });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/traces/link-prompts",
    permission: "experiments:write",
    fields: { trace_id: required(str), prompt_versions: list(required(promptVersion)) },
    handler: async ({ ctx, body }) => {
      const { trace_id: traceId, prompt_versions: prompts } = body;
      if (prompts.length === 0) throw missingParameter("prompt_versions");
      await linkPrompts(ctx, { traceId, prompts });
      return {};
    },
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["GET"],
    path: "/traces/batchGet",
    permission: "experiments:read",
    fields: { trace_ids: list(str) },
    handler: async ({ ctx, body }) =>
      listed("traces", (await someTraces(ctx, body.trace_ids, true)).map(toWireSpans)),
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["GET", "POST"],
    path: "/traces/batchGetInfos",
    permission: "experiments:read",
    fields: { trace_ids: list(str) },
    handler: async ({ ctx, body }) =>
      listed("trace_infos", (await someTraces(ctx, body.trace_ids, false)).map(toWireTrace)),
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["GET"],
    path: "/traces/get",
    permission: "experiments:read",
    fields: { trace_id: required(str) },
    handler: async ({ ctx, body }) => {
      const [trace] = await readTracesWithSpans(ctx, { traceIds: [body.trace_id] });
      if (trace) return { trace: toWireSpans(trace) };
      const message = `Trace with ID ${body.trace_id} is not found.`;
      throw new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
    },
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["GET"],
    path: "/traces/:trace_id",
    permission: "experiments:read",
    fields: { trace_id: required(str) },
    handler: async ({ ctx, body }) => ({
      trace: { trace_info: toWireTrace(await getTrace(ctx, { traceId: body.trace_id })) },
    }),
  }),
];
