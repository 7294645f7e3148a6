import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionDto, versionRef } from "../schemas";
import { listSemanticVersions } from "./list-semantic-versions";
import { semanticVersionChoice, semanticVersionList } from "./schemas";
import { setSemanticVersion } from "./set-semantic-version";

const tag = "Models";

export const semanticVersionRoutes = [
  defineRoute({
    method: "get",
    path: "/models/{model}/semantic-versions",
    operationId: "listSemanticVersions",
    summary: "Semantic versions of a model, newest first, and what may follow",
    tag,
    permission: "models:read",
    params: modelRef,
    status: 200,
    reply: semanticVersionList,
    handler: ({ ctx, params }) => listSemanticVersions(ctx, params),
  }),
  defineRoute({
    method: "put",
    path: "/models/{model}/versions/{v}/semantic-version",
    operationId: "setSemanticVersion",
    summary: "Give a version its semantic version",
    tag,
    permission: "models:write",
    params: modelRef.extend({ v: versionRef.shape.version }),
    body: semanticVersionChoice,
    status: 200,
    reply: versionDto,
    handler: ({ ctx, params: { model, v }, body }) =>
      setSemanticVersion(ctx, { model, version: v, ...body }),
  }),
];
