import {
  createRun,
  deleteRun,
  deleteTag,
  getRun,
  logBatch,
  logInputs,
  recordModel,
  restoreRun,
  searchRuns,
  updateRun,
} from "@/server/experiments";
import { LIMITS, RUN_STATUSES } from "@/server/experiments/constants";
import {
  entries,
  runIdFields,
  runIdOf,
  searchLimit,
  toEntries,
  VIEWS,
  viewOf,
} from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { id, int64, list, message, oneOf, required, str } from "./fields";
import { runsReply } from "./runs-reply";
import { cut, toWireRun, toWireRunDetail, toWireRunInfo } from "./wire";

const datasetFields = {
  tags: entries,
  dataset: required(
    message({
      name: required(str),
      digest: required(str),
      source_type: str,
      source: str,
      schema: str,
      profile: str,
    }),
  ),
};

const MODEL_FIELDS = ["artifact_path", "flavors", "utc_time_created", "run_id"];

/** What a run's list of models keeps of one. Throws INVALID_PARAMETER_VALUE for what is none. */
function modelOf(text: string): string {
  let model: unknown;
  try {
    model = JSON.parse(text);
  } catch {
    model = null;
  }
  if (typeof model !== "object" || model === null || Array.isArray(model)) {
    throw invalidParameter(
      `Malformed model info. \n ${text.slice(0, 200)} \n is not a valid JSON.`,
    );
  }
  const missing = MODEL_FIELDS.filter((name) => !Object.hasOwn(model, name));
  if (missing.length > 0) {
    throw invalidParameter(`Model json is missing mandatory fields: ${missing.join(", ")}`);
  }
  const kept = [...MODEL_FIELDS, "model_uuid"].filter((name) => Object.hasOwn(model, name));
  return JSON.stringify(
    Object.fromEntries(kept.map((name) => [name, (model as Record<string, unknown>)[name]])),
  );
}

export const runRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/create",
    permission: "experiments:write",
    fields: {
      experiment_id: id,
      user_id: str,
      run_name: str,
      start_time: int64,
      tags: entries,
    },
    handler: async ({ ctx, body }) => {
      const run = await createRun(ctx, {
        experimentId: body.experiment_id || undefined,
        name: body.run_name || undefined,
        userName: body.user_id || undefined,
        startTime: body.start_time,
        tags: cut(toEntries(body.tags), LIMITS.tagValue),
      });
      return { run: toWireRun(run) };
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/update",
    permission: "experiments:write",
    fields: {
      ...runIdFields,
      status: oneOf(RUN_STATUSES),
      end_time: int64,
      run_name: str,
    },
    handler: async ({ ctx, body }) => {
      const run = await updateRun(ctx, {
        runId: runIdOf(body),
        changes: {
          status: body.status,
          endTime: body.end_time,
          name: body.run_name || undefined,
        },
      });
      return { run_info: toWireRunInfo(run) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/runs/get",
    permission: "experiments:read",
    fields: runIdFields,
    handler: async ({ ctx, body }) => ({
      run: toWireRunDetail(await getRun(ctx, { runId: runIdOf(body) })),
    }),
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/search",
    permission: "experiments:read",
    fields: {
      experiment_ids: list(id),
      filter: str,
      run_view_type: oneOf(VIEWS),
      max_results: int64,
      order_by: list(str),
      page_token: str,
    },
    handler: async ({ ctx, body }) => {
      const page = await searchRuns(ctx, {
        experimentNumbers: body.experiment_ids.filter((text) => /^\d{1,9}$/.test(text)).map(Number),
        filter: body.filter,
        orderBy: body.order_by,
        view: viewOf(body.run_view_type),
        limit: searchLimit(body.max_results),
        cursor: body.page_token || undefined,
      });
      return runsReply(page);
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/delete",
    permission: "experiments:write",
    fields: { run_id: required(str) },
    handler: async ({ ctx, body }) => {
      await deleteRun(ctx, { runId: body.run_id });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/restore",
    permission: "experiments:write",
    fields: { run_id: required(str) },
    handler: async ({ ctx, body }) => {
      await restoreRun(ctx, { runId: body.run_id });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/log-parameter",
    permission: "experiments:write",
    fields: { ...runIdFields, key: required(str), value: str },
    handler: async ({ ctx, body }) => {
      const params = cut([{ key: body.key, value: body.value ?? "" }], LIMITS.paramValue);
      await logBatch(ctx, { runId: runIdOf(body), params });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/set-tag",
    permission: "experiments:write",
    fields: { ...runIdFields, key: required(str), value: str },
    handler: async ({ ctx, body }) => {
      const tags = cut([{ key: body.key, value: body.value ?? "" }], LIMITS.tagValue);
      await logBatch(ctx, { runId: runIdOf(body), tags });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/delete-tag",
    permission: "experiments:write",
    fields: { ...runIdFields, key: required(str) },
    handler: async ({ ctx, body }) => {
      await deleteTag(ctx, { runId: runIdOf(body), key: body.key });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/log-model",
    permission: "experiments:write",
    fields: { ...runIdFields, model_json: required(str) },
    handler: async ({ ctx, body }) => {
      await recordModel(ctx, { runId: runIdOf(body), model: modelOf(body.model_json) });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/log-inputs",
    permission: "experiments:write",
    fields: {
      ...runIdFields,
      datasets: list(required(message(datasetFields))),
      models: list(required(message({ model_id: required(str) }))),
    },
    // A dataset's profile alone may take 16 MiB.
    bodyLimitBytes: 32 * 1024 * 1024,
    handler: async ({ ctx, body }) => {
      await logInputs(ctx, {
        runId: runIdOf(body),
        datasets: body.datasets.map(({ tags, dataset }) => ({
          name: dataset.name,
          digest: dataset.digest,
          sourceType: dataset.source_type ?? "",
          source: dataset.source ?? "",
          schema: dataset.schema ?? null,
          profile: dataset.profile ?? null,
          tags: toEntries(tags),
        })),
        modelIds: body.models.map((model) => model.model_id),
      });
      return {};
    },
  }),
];
