import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  restoreExperiment,
  searchExperiments,
  setExperimentTag,
  updateExperiment,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { entries, searchLimit, toEntries, VIEWS, viewOf } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter, MlflowError } from "./errors";
import { id, int64, list, oneOf, required, str } from "./fields";
import { listed, toWireExperiment } from "./wire";

/** An id is an integer; anything else would be looked up as a name. */
function experimentId(text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw invalidParameter(`Invalid experiment ID '${text}'. Experiment ID must be a valid integer.`);
}

async function experimentById(ctx: Context, text: string) {
  try {
    return await getExperiment(ctx, { experiment: experimentId(text) });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "not_found")) throw error;
    throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `No Experiment with id=${text} exists`);
  }
}

export const experimentRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/create",
    permission: "experiments:write",
    fields: { name: required(str), tags: entries },
    conflict: "RESOURCE_ALREADY_EXISTS",
    handler: async ({ ctx, body }) => {
      const made = await createExperiment(ctx, { name: body.name, tags: toEntries(body.tags) });
      return { experiment_id: String(made.number) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/experiments/get",
    permission: "experiments:read",
    fields: { experiment_id: required(id) },
    handler: async ({ ctx, body }) => ({
      experiment: toWireExperiment(await experimentById(ctx, body.experiment_id)),
    }),
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/experiments/get-by-name",
    permission: "experiments:read",
    fields: { experiment_name: required(str) },
    handler: async ({ ctx, body }) => {
      const name = body.experiment_name;
      const found = await getExperiment(ctx, { experiment: name, byName: true });
      return { experiment: toWireExperiment(found) };
    },
  }),
  defineMlflowRoute({
    methods: ["POST", "GET"],
    path: "/experiments/search",
    permission: "experiments:read",
    fields: {
      max_results: int64,
      page_token: str,
      filter: str,
      order_by: list(str),
      view_type: oneOf(VIEWS),
    },
    handler: async ({ ctx, body }) => {
      const page = await searchExperiments(ctx, {
        filter: body.filter,
        orderBy: body.order_by,
        view: viewOf(body.view_type),
        limit: searchLimit(body.max_results),
        cursor: body.page_token || undefined,
      });
      return {
        ...listed("experiments", page.items.map(toWireExperiment)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/update",
    permission: "experiments:write",
    fields: { experiment_id: required(id), new_name: required(str) },
    conflict: "RESOURCE_ALREADY_EXISTS",
    handler: async ({ ctx, body }) => {
      await updateExperiment(ctx, {
        experiment: experimentId(body.experiment_id),
        changes: { name: body.new_name },
      });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/delete",
    permission: "experiments:write",
    fields: { experiment_id: required(id) },
    handler: async ({ ctx, body }) => {
      await deleteExperiment(ctx, { experiment: experimentId(body.experiment_id) });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/restore",
    permission: "experiments:write",
    fields: { experiment_id: required(id) },
    handler: async ({ ctx, body }) => {
      await restoreExperiment(ctx, { experiment: experimentId(body.experiment_id) });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/set-experiment-tag",
    permission: "experiments:write",
    fields: { experiment_id: required(id), key: required(str), value: str },
    handler: async ({ ctx, body }) => {
      const experiment = experimentId(body.experiment_id);
      await setExperimentTag(ctx, { experiment, key: body.key, value: body.value ?? "" });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/delete-experiment-tag",
    permission: "experiments:write",
    fields: { experiment_id: required(id), key: required(str) },
    handler: async ({ ctx, body }) => {
      await deleteExperimentTag(ctx, {
        experiment: experimentId(body.experiment_id),
        key: body.key,
      });
      return {};
    },
  }),
];
