import { z } from "zod";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef } from "../schemas";
import { deleteAlias } from "./delete-alias";
import { listAliases } from "./list-aliases";
import { aliasDto, aliasRef, aliasTarget } from "./schemas";
import { setAlias } from "./set-alias";

const tag = "Models";

export const aliasRoutes = [
  defineRoute({
    method: "get",
    path: "/models/{model}/aliases",
    operationId: "listAliases",
    summary: "List the aliases of a model",
    tag,
    permission: "models:read",
    params: modelRef,
    status: 200,
    reply: z.object({ items: z.array(aliasDto), nextCursor: z.null() }),
    handler: async ({ ctx, params }) => ({
      items: await listAliases(ctx, params),
      nextCursor: null,
    }),
  }),
  defineRoute({
    method: "put",
    path: "/models/{model}/aliases/{alias}",
    operationId: "setAlias",
    summary: "Point an alias at a version",
    description: "An alias that points elsewhere moves. Read the version as `@alias`.",
    tag,
    permission: "models:write",
    params: aliasRef,
    body: aliasTarget,
    status: 200,
    reply: aliasDto,
    handler: ({ ctx, params, body }) => setAlias(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "delete",
    path: "/models/{model}/aliases/{alias}",
    operationId: "deleteAlias",
    summary: "Take an alias away",
    tag,
    permission: "models:write",
    params: aliasRef,
    status: 204,
    handler: ({ ctx, params }) => deleteAlias(ctx, params),
  }),
];
