import type { Hono, Context as HonoContext } from "hono";
import { type Permission, requirePermission } from "@/server/access";
import { artifactPathProblem, openRunArtifact, putRunArtifact } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import { getRegisteredVersion, openVersionFile } from "@/server/registry";
import { bodyOf } from "./body-stream";
import { invalidParameter, missingParameter } from "./errors";
import { serveGraphql } from "./graphql/serve-graphql";
import { versionNamed } from "./registry-names";
import { mlflowRoutes } from "./routes";
import { serveFile } from "./serve-file";
import { serveTraceFile } from "./trace-file";

type Answer = (http: HonoContext<HttpBindings>, ctx: Context) => Promise<Response>;

/** The largest file the stock web page sends this way, bytes. */
const UPLOAD_MAX_BYTES = 10 * 1024 * 1024;

const runOf = (http: HonoContext): string =>
  http.req.query("run_id") || http.req.query("run_uuid") || "";

/** Throws INVALID_PARAMETER_VALUE for none and for one that leaves its folder. */
function safePath(http: HonoContext, name = "path"): string {
  const path = http.req.query(name) ?? "";
  if (path === "") throw missingParameter(name);
  if (artifactPathProblem(path)) throw invalidParameter("Invalid path");
  return path;
}

const ofRun: Answer = async (http, ctx) => {
  const path = safePath(http);
  if (runOf(http) === "") throw missingParameter("run_id");
  const file = await openRunArtifact(ctx, { owner: { kind: "run", id: runOf(http) }, path });
  return serveFile(ctx, http, file);
};

const ofVersion: Answer = async (http, ctx) => {
  const path = safePath(http);
  const { name = "", version = "" } = http.req.query();
  if (name === "") throw missingParameter("name");
  if (version === "") throw missingParameter("version");
  const { id: versionId } = await getRegisteredVersion(ctx, versionNamed(name, version));
  const file = await openVersionFile(ctx, { versionId, path });
  return serveFile(ctx, http, file);
};

const ofLoggedModel: Answer = async (http, ctx) => {
  const path = safePath(http, "artifact_file_path");
  const owner = { kind: "model", id: http.req.param("model_id") ?? "" } as const;
  return serveFile(ctx, http, await openRunArtifact(ctx, { owner, path }));
};

const upload: Answer = async (http, ctx) => {
  if (runOf(http) === "") throw invalidParameter("Request must specify run_uuid.");
  if (!http.req.query("path")) throw invalidParameter("Request must specify path.");
  const path = safePath(http);
  const length = http.req.header("content-length");
  const isSent = http.req.header("transfer-encoding") !== undefined || Number(length ?? 0) > 0;
  if (!isSent) throw invalidParameter("Request must specify data.");
  if (Number(length ?? 0) > UPLOAD_MAX_BYTES) {
    throw invalidParameter("Artifact size is too large. Max size is 10MB.");
  }
  const owner = { kind: "run", id: runOf(http) } as const;
  await putRunArtifact(ctx, { owner, path, content: bodyOf(http) });
  return http.json({});
};

/** Where the stock web page, and scripts that copy it, read and write single files, and ask by GraphQL. */
export const PAGE_FILE_ROUTES: {
  method: "GET" | "POST";
  /** From the root, or from a workspace's. */
  path: string;
  permission: Permission;
  answer: Answer;
}[] = [
  { method: "GET", path: "/get-artifact", permission: "experiments:read", answer: ofRun },
  {
    method: "GET",
    path: "/model-versions/get-artifact",
    permission: "models:read",
    answer: ofVersion,
  },
  {
    method: "GET",
    path: "/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files",
    permission: "experiments:read",
    answer: ofLoggedModel,
  },
  ...["2.0", "3.0"].map((version) => ({
    method: "GET" as const,
    path: `/ajax-api/${version}/mlflow/get-trace-artifact`,
    permission: "experiments:read" as const,
    answer: serveTraceFile,
  })),
  ...(["GET", "POST"] as const).map((method) => ({
    method,
    path: "/graphql",
    permission: "experiments:read" as const,
    answer: serveGraphql(mlflowRoutes),
  })),
  {
    method: "POST",
    path: "/ajax-api/2.0/mlflow/upload-artifact",
    permission: "experiments:write",
    answer: upload,
  },
];

/** Puts these routes on the app, below a place. */
export function mountPageFiles(
  app: Hono<HttpBindings>,
  place: string,
  within: (answer: Answer) => (http: HonoContext<HttpBindings>) => Promise<Response>,
): void {
  for (const { method, path, permission, answer } of PAGE_FILE_ROUTES) {
    const guarded: Answer = async (http, ctx) => {
      requirePermission(ctx, permission);
      return answer(http, ctx);
    };
    app.on(method, place + path, within(guarded));
  }
}
