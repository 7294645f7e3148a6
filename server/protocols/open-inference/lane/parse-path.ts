import type { Permission } from "@/server/access/constants";
import { decodeSegment } from "@/server/predictions";

type ModelAction = "metadata" | "modelReady" | "infer" | "config" | "stats";

/** What a path of the protocol asks for; `version` is undefined where the path names none. */
export type V2Path =
  | { kind: "server" }
  | { kind: "live" }
  | { kind: "ready" }
  | { kind: "allStats" }
  | { kind: "index" }
  | { kind: Exclude<ModelAction, "infer">; name: string; version: string | undefined }
  | { kind: "infer"; name: string; version: string | undefined }
  | { kind: "unsupported"; what: string }
  | { kind: "unknown" };

type KnownKind = Exclude<V2Path["kind"], "unknown" | "unsupported">;

/** What a caller must be allowed; null where no credentials are needed. */
export const V2_PERMISSIONS = {
  server: null,
  live: null,
  ready: null,
  metadata: "deployments:read",
  modelReady: "deployments:read",
  config: "deployments:read",
  stats: "deployments:read",
  allStats: "deployments:read",
  index: "deployments:read",
  infer: "predictions:create",
} satisfies Record<KnownKind, Permission | null>;

/** The method each answers; GET answers HEAD, too. */
export const methodOf = (kind: KnownKind): "GET" | "POST" =>
  kind === "infer" || kind === "index" ? "POST" : "GET";

const ACTIONS: Record<string, ModelAction> = {
  "": "metadata",
  ready: "modelReady",
  infer: "infer",
  config: "config",
  stats: "stats",
};

/** Parts of the protocol and its extensions that a gateway does not have. */
const UNSUPPORTED: Record<string, string> = {
  systemsharedmemory: "shared memory",
  cudasharedmemory: "shared memory",
  trace: "trace settings by this protocol",
  logging: "log settings by this protocol",
  generate: "text generation by this protocol",
  generate_stream: "text generation by this protocol",
};
const LOADING = "loading and unloading by this protocol: deploy a version to change what is served";

/** True for the addresses of this lane; the query is ignored, as the protocol wants it. */
export function isV2(url: string): boolean {
  return url.startsWith("/v2") && (url.length === 3 || url[3] === "/" || url[3] === "?");
}

/** Throws bad_request for broken percent encoding. */
export function parseV2Path(url: string): V2Path {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  const [, , kind = "", first = "", ...rest] = path.replace(/\/$/, "").split("/");
  if (kind === "" && first === "") return { kind: "server" };
  if (kind === "health" && rest.length === 0 && (first === "live" || first === "ready")) {
    return { kind: first };
  }
  if (kind === "repository") return parseRepository(first, rest);
  if (Object.hasOwn(UNSUPPORTED, kind)) return unsupported(kind);
  if (kind !== "models" || first === "") return { kind: "unknown" };
  if (first === "stats" && rest.length === 0) return { kind: "allStats" };
  return parseModel(first, rest);
}

const unsupported = (part: string): V2Path => ({
  kind: "unsupported",
  what: UNSUPPORTED[part] ?? part,
});

function parseModel(first: string, rest: readonly string[]): V2Path {
  const hasVersion = rest[0] === "versions" && rest[1] !== undefined;
  const [action = "", ...excess] = hasVersion ? rest.slice(2) : rest;
  if (Object.hasOwn(UNSUPPORTED, action)) return unsupported(action);
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!known || excess.length > 0) return { kind: "unknown" };
  const version = hasVersion ? decodeSegment(rest[1] ?? "") : undefined;
  return { kind: known, name: decodeSegment(first), version };
}

function parseRepository(first: string, rest: readonly string[]): V2Path {
  if (first === "index" && rest.length === 0) return { kind: "index" };
  const isChange = rest.length === 2 && (rest[1] === "load" || rest[1] === "unload");
  return first === "models" && isChange
    ? { kind: "unsupported", what: LOADING }
    : { kind: "unknown" };
}
