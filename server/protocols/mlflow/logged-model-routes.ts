import {
  artifactPathProblem,
  createLoggedModel,
  deleteLoggedModel,
  getLoggedModel,
  listRunArtifacts,
  logOutputs,
  searchLoggedModels,
  updateLoggedModel,
} from "@/server/experiments";
import { LIMITS, LOGGED_MODEL_STATUSES } from "@/server/experiments/constants";
import { entries, runIdFields, runIdOf, toEntries } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { bool, id, int64, list, message, oneOf, required, str } from "./fields";
import { cut, listed, modelArtifactUri, toWireFile, toWireLoggedModel } from "./wire";

const modelId = { model_id: required(str) };

export const loggedModelRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/logged-models",
    permission: "experiments:write",
    fields: {
      experiment_id: required(id),
      name: str,
      model_type: str,
      source_run_id: str,
      params: entries,
      tags: entries,
    },
    handler: async ({ ctx, body }) => {
      const model = await createLoggedModel(ctx, {
        experiment: body.experiment_id,
        name: body.name,
        modelType: body.model_type,
        sourceRunId: body.source_run_id || undefined,
        params: cut(toEntries(body.params), LIMITS.paramValue),
        tags: cut(toEntries(body.tags), LIMITS.tagValue),
      });
      return { model: toWireLoggedModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/logged-models/search",
    permission: "experiments:read",
    fields: {
      experiment_ids: list(id),
      filter: str,
      datasets: list(required(message({ dataset_name: str, dataset_digest: str }))),
      order_by: list(
        required(
          message({
            field_name: required(str),
            ascending: bool,
            dataset_name: str,
            dataset_digest: str,
          }),
        ),
      ),
      max_results: int64,
      page_token: str,
    },
    handler: async ({ ctx, body }) => {
      const page = await searchLoggedModels(ctx, {
        experimentNumbers: body.experiment_ids.filter((text) => /^\d{1,9}$/.test(text)).map(Number),
        filter: body.filter,
        datasets: body.datasets.map(({ dataset_name, dataset_digest }) => {
          if (dataset_name) return { name: dataset_name, digest: dataset_digest };
          throw invalidParameter("`dataset_name` in the `datasets` clause must be specified.");
        }),
        orderBy: body.order_by.map((order) => ({
          field: order.field_name,
          ascending: order.ascending,
          datasetName: order.dataset_name || undefined,
          datasetDigest: order.dataset_digest || undefined,
        })),
        limit: Math.min(body.max_results || 50, 1000),
        cursor: body.page_token || undefined,
      });
      return {
        ...listed("models", page.items.map(toWireLoggedModel)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/logged-models/:model_id",
    permission: "experiments:read",
    fields: modelId,
    handler: async ({ ctx, body }) => ({
      model: toWireLoggedModel(await getLoggedModel(ctx, { modelId: body.model_id })),
    }),
  }),
  defineMlflowRoute({
    methods: ["PATCH"],
    path: "/logged-models/:model_id",
    permission: "experiments:write",
    fields: {
      ...modelId,
      status: required(
        oneOf(["LOGGED_MODEL_STATUS_UNSPECIFIED", ...LOGGED_MODEL_STATUSES] as const, 0),
      ),
    },
    handler: async ({ ctx, body }) => {
      if (body.status === "LOGGED_MODEL_STATUS_UNSPECIFIED") {
        throw invalidParameter(`Invalid model status: ${body.status}.`);
      }
      const changes = { status: body.status };
      const model = await updateLoggedModel(ctx, { modelId: body.model_id, changes });
      return { model: toWireLoggedModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/logged-models/:model_id",
    permission: "experiments:write",
    fields: modelId,
    handler: async ({ ctx, body }) => {
      await deleteLoggedModel(ctx, { modelId: body.model_id });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["PATCH"],
    path: "/logged-models/:model_id/tags",
    permission: "experiments:write",
    fields: { ...modelId, tags: entries },
    handler: async ({ ctx, body }) => {
      const changes = { tags: cut(toEntries(body.tags), LIMITS.tagValue) };
      const model = await updateLoggedModel(ctx, { modelId: body.model_id, changes });
      return { model: toWireLoggedModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/logged-models/:model_id/tags/:tag_key",
    permission: "experiments:write",
    fields: { ...modelId, tag_key: required(str) },
    handler: async ({ ctx, body }) => {
      const changes = { deleteTag: body.tag_key };
      await updateLoggedModel(ctx, { modelId: body.model_id, changes });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/logged-models/:model_id/params",
    permission: "experiments:write",
    fields: { ...modelId, params: entries },
    handler: async ({ ctx, body }) => {
      const changes = { params: cut(toEntries(body.params), LIMITS.paramValue) };
      await updateLoggedModel(ctx, { modelId: body.model_id, changes });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/logged-models/:model_id/artifacts/directories",
    permission: "experiments:read",
    fields: { ...modelId, artifact_directory_path: str, page_token: str },
    handler: async ({ ctx, body }) => {
      const path = (body.artifact_directory_path ?? "").replace(/\/$/, "");
      if (path !== "" && artifactPathProblem(path)) throw invalidParameter("Invalid path");
      const model = await getLoggedModel(ctx, { modelId: body.model_id });
      const owner = { kind: "model", id: model.id } as const;
      const { items } = await listRunArtifacts(ctx, { owner, path });
      return { root_uri: modelArtifactUri(model), ...listed("files", items.map(toWireFile)) };
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/outputs",
    permission: "experiments:write",
    fields: {
      ...runIdFields,
      models: list(required(message({ model_id: required(str), step: int64 }))),
    },
    handler: async ({ ctx, body }) => {
      const models = body.models.map((model) => ({ modelId: model.model_id, step: model.step }));
      await logOutputs(ctx, { runId: runIdOf(body), models });
      return {};
    },
  }),
];
