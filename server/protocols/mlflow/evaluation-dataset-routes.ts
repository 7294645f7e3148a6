import {
  createEvaluationDataset,
  deleteEvaluationDataset,
  getEvaluationDataset,
  linkEvaluationDataset,
  listEvaluationExperiments,
  searchEvaluationDatasets,
  tagEvaluationDataset,
} from "@/server/experiments";
import { searchLimit } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { MlflowError } from "./errors";
import { tagsIn, toWireDataset, withoutNull } from "./evaluation-wire";
import { id, int64, list, required, str } from "./fields";
import { listed } from "./wire";

const datasetId = { dataset_id: required(str) };
const version = "3.0";

/** Throws RESOURCE_DOES_NOT_EXIST for what is no number of an experiment. */
const numbersOf = (ids: string[]): number[] =>
  ids.map((text) => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    const message = `No Experiment with id=${text.slice(0, 100)} exists`;
    throw new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
  });

/** An id that is no number names no experiment, so nothing is used in it. */
const knownNumbers = (ids: string[]): number[] =>
  ids.map((text) => (/^\d{1,9}$/.test(text) ? Number(text) : 999_999_999));

export const evaluationDatasetRoutes = [
  defineMlflowRoute({
    version,
    methods: ["POST"],
    path: "/datasets/create",
    permission: "experiments:write",
    fields: { name: required(str), experiment_ids: list(id), tags: str },
    handler: async ({ ctx, body }) => {
      const experimentNumbers = numbersOf(body.experiment_ids);
      const made = await createEvaluationDataset(ctx, {
        name: body.name,
        tags: withoutNull(tagsIn(body.tags)),
        experimentNumbers,
      });
      return {
        dataset: {
          ...toWireDataset(made),
          ...listed("experiment_ids", experimentNumbers.map(String)),
        },
      };
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["POST", "GET"],
    path: "/datasets/search",
    permission: "experiments:read",
    fields: {
      experiment_ids: list(id),
      filter_string: str,
      max_results: int64,
      order_by: list(str),
      page_token: str,
    },
    handler: async ({ ctx, body }) => {
      const page = await searchEvaluationDatasets(ctx, {
        experimentNumbers: knownNumbers(body.experiment_ids),
        filter: body.filter_string,
        orders: body.order_by,
        limit: searchLimit(body.max_results || undefined),
        cursor: body.page_token || undefined,
      });
      return {
        ...listed("datasets", page.items.map(toWireDataset)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["GET"],
    path: "/datasets/:dataset_id",
    permission: "experiments:read",
    fields: datasetId,
    handler: async ({ ctx, body }) => ({
      dataset: toWireDataset(await getEvaluationDataset(ctx, { dataset: body.dataset_id })),
    }),
  }),
  defineMlflowRoute({
    version,
    methods: ["DELETE"],
    path: "/datasets/:dataset_id",
    permission: "experiments:write",
    fields: datasetId,
    handler: async ({ ctx, body }) => {
      await deleteEvaluationDataset(ctx, { dataset: body.dataset_id });
      return {};
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["PATCH"],
    path: "/datasets/:dataset_id/tags",
    permission: "experiments:write",
    fields: { ...datasetId, tags: required(str) },
    handler: async ({ ctx, body }) => {
      const tags = tagsIn(body.tags);
      // A tag without a value is taken away, as the client's documentation says.
      const remove = Object.keys(tags).filter((key) => tags[key] === null);
      await tagEvaluationDataset(ctx, { dataset: body.dataset_id, set: withoutNull(tags), remove });
      return {};
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["DELETE"],
    path: "/datasets/:dataset_id/tags/:key",
    permission: "experiments:write",
    fields: { ...datasetId, key: required(str) },
    handler: async ({ ctx, body }) => {
      await tagEvaluationDataset(ctx, { dataset: body.dataset_id, remove: [body.key] });
      return {};
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["GET"],
    path: "/datasets/:dataset_id/experiment-ids",
    permission: "experiments:read",
    fields: datasetId,
    handler: async ({ ctx, body }) => {
      const numbers = await listEvaluationExperiments(ctx, { dataset: body.dataset_id });
      return listed("experiment_ids", numbers.map(String));
    },
  }),
  ...(["add", "remove"] as const).map((change) =>
    defineMlflowRoute({
      version,
      methods: ["POST"],
      path: `/datasets/:dataset_id/${change}-experiments`,
      permission: "experiments:write",
      fields: { ...datasetId, experiment_ids: list(id) },
      handler: async ({ ctx, body }) => {
        const ids = body.experiment_ids;
        const numbers = change === "add" ? numbersOf(ids) : knownNumbers(ids);
        const dataset = { dataset: body.dataset_id, [change]: numbers };
        return { dataset: toWireDataset(await linkEvaluationDataset(ctx, dataset)) };
      },
    }),
  ),
];
