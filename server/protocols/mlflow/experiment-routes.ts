import {
  artifactPathProblem,
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  restoreExperiment,
  searchExperiments,
  setExperimentTag,
  updateExperiment,
} from "@/server/experiments";
import { entries, searchLimit, toEntries, VIEWS, viewOf } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { id, int64, list, oneOf, required, str } from "./fields";
import { listed, toWireExperiment } from "./wire";

/** An id is an integer; anything else would be looked up as a name. */
function experimentId(text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw invalidParameter(`Invalid experiment ID '${text}'. Experiment ID must be a valid integer.`);
}

/**
 * Files live where this server puts them, whatever place below its own a client names. A place elsewhere
 * is refused, since nothing would ever lie there.
 */
function refuseForeignPlace(location: string | undefined): void {
  if (!location) return;
  const [, path = ""] = /^mlflow-artifacts:(?:\/\/[^/?#]*)?\/([^?#]*)$/.exec(location) ?? [];
  if (path !== "" && !artifactPathProblem(path.replace(/\/+$/, ""))) return;
  throw invalidParameter(
    `'artifact_location' ${JSON.stringify(location.slice(0, 200))} is not kept: this server stores artifacts itself, encrypted. Leave artifact_location out, or name a plain path such as mlflow-artifacts:/my-project.`,
  );
}

export const experimentRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/create",
    permission: "experiments:write",
    fields: { name: required(str), artifact_location: str, tags: entries },
    conflict: "RESOURCE_ALREADY_EXISTS",
    handler: async ({ ctx, body }) => {
      refuseForeignPlace(body.artifact_location);
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
      experiment: toWireExperiment(
        await getExperiment(ctx, { experiment: experimentId(body.experiment_id) }),
      ),
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
