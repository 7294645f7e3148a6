import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { createModel, listModels } from "./index";
import { createModelInput, listModelsInput, modelDto } from "./schemas";

export const registryRoutes = [
  defineRoute({
    method: "get",
    path: "/models",
    operationId: "listModels",
    summary: "List models",
    tag: "Models",
    permission: "models:read",
    query: listModelsInput,
    status: 200,
    reply: pageOf(modelDto),
    handler: ({ ctx, query }) => listModels(ctx, query),
  }),
  defineRoute({
    method: "post",
    path: "/models",
    operationId: "createModel",
    summary: "Register a model",
    tag: "Models",
    permission: "models:write",
    body: createModelInput,
    status: 201,
    reply: modelDto,
    handler: ({ ctx, body }) => createModel(ctx, body),
  }),
];
