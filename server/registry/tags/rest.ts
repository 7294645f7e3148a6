import { z } from "zod";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionRef } from "../schemas";
import { deleteModelTag } from "./delete-model-tag";
import { deleteVersionTag } from "./delete-version-tag";
import { listVersionTags } from "./list-version-tags";
import { modelTagRef, tagDto, tagKey, tagValue } from "./schemas";
import { setModelTag } from "./set-model-tag";
import { setVersionTag } from "./set-version-tag";

const tag = "Models";

/** `v` in the path; `version` everywhere else. */
const params = modelRef.extend({ v: versionRef.shape.version });
const keyParams = params.extend({ key: tagKey.describe("May hold slashes.") });
const refOf = ({ model, v }: z.output<typeof params>) => ({ model, version: v });

export const tagRoutes = [
  defineRoute({
    method: "put",
    path: "/models/{model}/tags/{key+}",
    operationId: "setModelTag",
    summary: "Set a tag of a model",
    tag,
    permission: "models:write",
    params: modelTagRef,
    body: tagValue,
    status: 200,
    reply: tagDto,
    handler: ({ ctx, params, body }) => setModelTag(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "delete",
    path: "/models/{model}/tags/{key+}",
    operationId: "deleteModelTag",
    summary: "Take a tag of a model away",
    tag,
    permission: "models:write",
    params: modelTagRef,
    status: 204,
    handler: ({ ctx, params }) => deleteModelTag(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/tags",
    operationId: "listVersionTags",
    summary: "List the tags of a version",
    tag,
    permission: "models:read",
    params,
    status: 200,
    reply: z.object({ items: z.array(tagDto), nextCursor: z.null() }),
    handler: async ({ ctx, params }) => ({
      items: await listVersionTags(ctx, refOf(params)),
      nextCursor: null,
    }),
  }),
  defineRoute({
    method: "put",
    path: "/models/{model}/versions/{v}/tags/{key+}",
    operationId: "setVersionTag",
    summary: "Set a tag of a version",
    tag,
    permission: "models:write",
    params: keyParams,
    body: tagValue,
    status: 200,
    reply: tagDto,
    handler: ({ ctx, params, body }) =>
      setVersionTag(ctx, { ...refOf(params), key: params.key, ...body }),
  }),
  defineRoute({
    method: "delete",
    path: "/models/{model}/versions/{v}/tags/{key+}",
    operationId: "deleteVersionTag",
    summary: "Take a tag of a version away",
    tag,
    permission: "models:write",
    params: keyParams,
    status: 204,
    handler: ({ ctx, params }) => deleteVersionTag(ctx, { ...refOf(params), key: params.key }),
  }),
];
