import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { Hono, Context as HonoContext } from "hono";
import { type Permission, requirePermission } from "@/server/access";
import { serveObject } from "@/server/artifacts";
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
import { MlflowError, missingParameter } from "./errors";
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
  return serveObject(ctx, http.req.raw, file, {
    fileName: file.path,
    contentType: "application/octet-stream",
  });
};

const upload: Answer = async (http, ctx) => {
  const place = fileLocation(http);
  await putRunArtifact(ctx, { ...place, content: bodyOf(http) });
  return http.json({});
};

function bodyOf(http: HonoContext<HttpBindings>): Readable {
  const body = http.req.raw.body;
  return body ? Readable.fromWeb(body as ReadableStream) : Readable.from([]);
}

const remove: Answer = async (http, ctx) => {
  await deleteRunArtifacts(ctx, location(http));
  return http.json({});
};

const list: Answer = async (http, ctx) => {
  const path = (http.req.query("path") ?? "").replace(/^\/+|\/+$/g, "");
  // Nobody browses above the runs: what lies there is answered as an empty folder.
  if (path === "" || /^\d+(\/models|\/[0-9a-f]{32})?$/.test(path)) return http.json({});
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

/** Clients fall back to one plain upload or download on these words. */
const noParts: Answer = async () => {
  throw new MlflowError(
    "NOT_IMPLEMENTED",
    "Multipart upload is not supported for the current artifact repository",
  );
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
  {
    method: "POST",
    path: "/mlflow-artifacts/mpu/*",
    permission: "experiments:write",
    answer: noParts,
  },
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
