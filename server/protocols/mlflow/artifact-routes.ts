import { artifactPathProblem, getRun, listRunArtifacts } from "@/server/experiments";
import { runIdFields, runIdOf } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { str } from "./fields";
import { listed, runArtifactUri, toWireFile } from "./wire";

export const artifactRoutes = [
  defineMlflowRoute({
    methods: ["GET"],
    path: "/artifacts/list",
    permission: "experiments:read",
    fields: { ...runIdFields, path: str, page_token: str },
    handler: async ({ ctx, body }) => {
      const path = (body.path ?? "").replace(/\/$/, "");
      if (path !== "" && artifactPathProblem(path)) throw invalidParameter("Invalid path");
      const run = await getRun(ctx, { runId: runIdOf(body) });
      const { items } = await listRunArtifacts(ctx, { owner: { kind: "run", id: run.id }, path });
      return {
        root_uri: runArtifactUri(run),
        ...listed("files", items.map(toWireFile)),
      };
    },
  }),
];
