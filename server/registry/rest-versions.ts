import { z } from "zod";
import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import {
  deleteVersion,
  downloadVersionArtifact,
  getVersion,
  listVersionArtifacts,
  listVersions,
  updateVersion,
} from "./index";
import {
  listVersionsInput,
  modelRef,
  updateVersionInput,
  versionArtifact,
  versionDto,
  versionRef,
  versionSummary,
} from "./schemas";

const tag = "Models";

/** `v` in the path; `version` everywhere else. */
const params = modelRef.extend({ v: versionRef.shape.version });
const refOf = ({ model, v }: z.output<typeof params>) => ({ model, version: v });

export const versionRoutes = [
  defineRoute({
    method: "get",
    path: "/models/{model}/versions",
    operationId: "listVersions",
    summary: "List the versions of a model",
    tag,
    permission: "models:read",
    params: modelRef,
    query: listVersionsInput.omit({ model: true }),
    status: 200,
    reply: pageOf(versionSummary),
    handler: ({ ctx, params, query }) => listVersions(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}",
    operationId: "getVersion",
    summary: "A version with signature, input example and environment",
    tag,
    permission: "models:read",
    params,
    status: 200,
    reply: versionDto,
    handler: ({ ctx, params }) => getVersion(ctx, refOf(params)),
  }),
  defineRoute({
    method: "patch",
    path: "/models/{model}/versions/{v}",
    operationId: "updateVersion",
    summary: "Change a version's label or description",
    tag,
    permission: "models:write",
    params,
    body: updateVersionInput,
    status: 200,
    reply: versionDto,
    handler: ({ ctx, params, body }) => updateVersion(ctx, { ...refOf(params), ...body }),
  }),
  defineRoute({
    method: "delete",
    path: "/models/{model}/versions/{v}",
    operationId: "deleteVersion",
    summary: "Delete a version",
    description: "Refused with 409 while it is served. Its number is never given again.",
    tag,
    permission: "models:write",
    params,
    status: 204,
    handler: ({ ctx, params }) => deleteVersion(ctx, refOf(params)),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/artifacts",
    operationId: "listVersionArtifacts",
    summary: "List the files of a version",
    tag,
    permission: "models:read",
    params,
    status: 200,
    reply: z.object({ items: z.array(versionArtifact), nextCursor: z.null() }),
    handler: async ({ ctx, params }) => ({
      items: await listVersionArtifacts(ctx, refOf(params)),
      nextCursor: null,
    }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/artifacts/{path+}",
    operationId: "downloadVersionArtifact",
    summary: "Download a file of a version, whole or one range",
    tag,
    permission: "models:read",
    params: params.extend({ path: z.string().max(500).describe("May hold slashes.") }),
    status: 200,
    replyContentType: "application/octet-stream",
    handler: ({ ctx, params, http }) =>
      downloadVersionArtifact(ctx, {
        ...refOf(params),
        path: params.path,
        request: http.req.raw,
      }),
  }),
];
