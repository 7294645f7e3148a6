import {
  createRegisteredModel,
  deleteModel,
  deleteModelTag,
  getRegisteredModel,
  latestVersions,
  renameRegisteredModel,
  searchRegisteredModels,
  setModelTag,
  updateModel,
} from "@/server/registry";
import { entries, toEntries } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { int64, list, required, str } from "./fields";
import { inWords, modelNamed } from "./registry-names";
import { pageLimit, REGISTERED_MODELS_PAGE } from "./registry-paging";
import { toWireRegisteredModel, toWireVersion } from "./registry-wire";
import { listed } from "./wire";

const name = { name: required(str) };

export const registryModelRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/registered-models/create",
    permission: "models:write",
    fields: { ...name, tags: entries, description: str },
    handler: async ({ ctx, body }) => {
      const made = await inWords(body, () =>
        createRegisteredModel(ctx, {
          name: body.name,
          description: body.description,
          tags: toEntries(body.tags),
        }),
      );
      const model = await getRegisteredModel(ctx, { model: made.id });
      return { registered_model: toWireRegisteredModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/registered-models/rename",
    permission: "models:write",
    fields: { ...name, new_name: required(str) },
    handler: async ({ ctx, body }) => {
      const { id } = await inWords({ name: body.name, newName: body.new_name }, () =>
        renameRegisteredModel(ctx, { ...modelNamed(body.name), name: body.new_name }),
      );
      const model = await getRegisteredModel(ctx, { model: id });
      return { registered_model: toWireRegisteredModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["PATCH"],
    path: "/registered-models/update",
    permission: "models:write",
    fields: { ...name, description: str },
    handler: async ({ ctx, body }) => {
      const { id } = await inWords(body, () =>
        updateModel(ctx, { ...modelNamed(body.name), description: body.description }),
      );
      const model = await getRegisteredModel(ctx, { model: id });
      return { registered_model: toWireRegisteredModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/registered-models/delete",
    permission: "models:write",
    fields: name,
    handler: async ({ ctx, body }) => {
      await inWords(body, () => deleteModel(ctx, modelNamed(body.name)));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/registered-models/get",
    permission: "models:read",
    fields: name,
    handler: async ({ ctx, body }) => {
      const model = await inWords(body, () => getRegisteredModel(ctx, modelNamed(body.name)));
      return { registered_model: toWireRegisteredModel(model) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/registered-models/search",
    permission: "models:read",
    fields: { filter: str, max_results: int64, order_by: list(str), page_token: str },
    handler: async ({ ctx, body }) => {
      const page = await searchRegisteredModels(ctx, {
        filter: body.filter,
        orderBy: body.order_by,
        limit: pageLimit(body.max_results, REGISTERED_MODELS_PAGE),
        ...(body.page_token ? { cursor: body.page_token } : {}),
      });
      return {
        ...listed("registered_models", page.items.map(toWireRegisteredModel)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    methods: ["POST", "GET"],
    path: "/registered-models/get-latest-versions",
    permission: "models:read",
    fields: { ...name, stages: list(str) },
    handler: async ({ ctx, body }) => {
      const versions = await inWords(body, () =>
        latestVersions(ctx, { ...modelNamed(body.name), stages: body.stages }),
      );
      return listed("model_versions", versions.map(toWireVersion));
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/registered-models/set-tag",
    permission: "models:write",
    fields: { ...name, key: required(str), value: str },
    handler: async ({ ctx, body }) => {
      const { key, value = "" } = body;
      await inWords(body, () => setModelTag(ctx, { ...modelNamed(body.name), key, value }));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/registered-models/delete-tag",
    permission: "models:write",
    fields: { ...name, key: required(str) },
    handler: async ({ ctx, body }) => {
      await inWords(body, () => deleteModelTag(ctx, { ...modelNamed(body.name), key: body.key }));
      return {};
    },
  }),
];
