import type { Hono, Context as HonoContext } from "hono";
import { type Permission, requirePermission } from "@/server/access";
import {
  deleteRunArtifacts,
  listRunArtifacts,
  openRunArtifact,
  putRunArtifact,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import { listVersionFolder, openVersionFile } from "@/server/registry";
import { type ArtifactLocation, decodeUrlPath, locateArtifact } from "./artifact-location";
import { bodyOf } from "./body-stream";
import { missingParameter } from "./errors";
import { MULTIPART_ANSWERS, noParts } from "./multipart-uploads";
import { serveFile } from "./serve-file";
import { locateVersionArtifact } from "./version-artifacts";
import { toWireFile } from "./wire";

type Answer = (http: HonoContext<HttpBindings>, ctx: Context) => Promise<Response>;

const ROOT = "/mlflow-artifacts/artifacts";

/** The decoded path behind the root. */
const pathOf = (http: HonoContext<HttpBindings>): string =>
  decodeUrlPath(http.env?.incoming?.url ?? http.req.url, ROOT);

/** The place a request's path names. */
function location(http: HonoContext<HttpBindings>): ArtifactLocation {
  return locateArtifact(pathOf(http));
}

function fileLocation(http: HonoContext<HttpBindings>): ArtifactLocation {
  const place = location(http);
  if (place.path === "") throw missingParameter("path");
  return place;
}

const download: Answer = async (http, ctx) => {
  const version = locateVersionArtifact(pathOf(http));
  const file = version
    ? await openVersionFile(ctx, version)
    : await openRunArtifact(ctx, fileLocation(http));
  return serveFile(ctx, http, file);
};

const upload: Answer = async (http, ctx) => {
  const place = fileLocation(http);
  await putRunArtifact(ctx, { ...place, content: bodyOf(http) });
  return http.json({});
};

const remove: Answer = async (http, ctx) => {
  await deleteRunArtifacts(ctx, location(http));
  return http.json({});
};

const list: Answer = async (http, ctx) => {
  const path = (http.req.query("path") ?? "").replace(/^\/+|\/+$/g, "");
  // Nobody browses above the runs: what lies there is answered as an empty folder.
  if (path === "" || /^\d+(\/models|\/traces|\/[0-9a-f]{32})?$/.test(path)) return http.json({});
  const version = locateVersionArtifact(path);
  const items = version
    ? await listVersionFolder(ctx, version)
    : (await listRunArtifacts(ctx, locateArtifact(path))).items;
  const files = items.map((item) => ({
    ...toWireFile(item),
    path: item.path.split("/").at(-1),
  }));
  return http.json(files.length > 0 ? { files } : {});
};

/** The routes for files, below /api/2.0; their bodies are streams, not messages. */
export const PROXIED_ROUTES: {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  permission: Permission;
  answer: Answer;
}[] = [
  { method: "GET", path: ROOT, permission: "experiments:read", answer: list },
  { method: "GET", path: `${ROOT}/*`, permission: "experiments:read", answer: download },
  { method: "PUT", path: `${ROOT}/*`, permission: "experiments:write", answer: upload },
  { method: "DELETE", path: `${ROOT}/*`, permission: "experiments:write", answer: remove },
  ...Object.entries(MULTIPART_ANSWERS).map(([name, answer]) => ({
    method: "POST" as const,
    path: `/mlflow-artifacts/mpu/${name}/*`,
    permission: "experiments:write" as const,
    answer,
  })),
  {
    method: "GET",
    path: "/mlflow-artifacts/presigned/*",
    permission: "experiments:read",
    answer: noParts,
  },
];

/** Puts the routes for files on the app, below a prefix. */
export function mountProxiedArtifacts(
  app: Hono<HttpBindings>,
  prefix: string,
  within: (answer: Answer) => (http: HonoContext<HttpBindings>) => Promise<Response>,
): void {
  for (const { method, path, permission, answer } of PROXIED_ROUTES) {
    const guarded: Answer = async (http, ctx) => {
      requirePermission(ctx, permission);
      return answer(http, ctx);
    };
    app.on(method, prefix + path, within(guarded));
  }
}
