import type { Permission } from "@/server/access/constants";
import { decodeSegment } from "@/server/predictions";

/** What a path of the protocol asks for; `version` is undefined where the path names none. */
export type V2Path =
  | { kind: "server" }
  | { kind: "live" }
  | { kind: "ready" }
  | { kind: "metadata" | "modelReady" | "infer"; name: string; version: string | undefined }
  | { kind: "unknown" };

/** What a caller must be allowed; null where no credentials are needed. */
export const V2_PERMISSIONS = {
  server: null,
  live: null,
  ready: null,
  metadata: "deployments:read",
  modelReady: "deployments:read",
  infer: "predictions:create",
} satisfies Record<Exclude<V2Path["kind"], "unknown">, Permission | null>;

const ACTIONS: Record<string, "metadata" | "modelReady" | "infer"> = {
  "": "metadata",
  ready: "modelReady",
  infer: "infer",
};

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
  if (kind !== "models" || first === "") return { kind: "unknown" };
  const hasVersion = rest[0] === "versions" && rest[1] !== undefined;
  const [action = "", ...excess] = hasVersion ? rest.slice(2) : rest;
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!known || excess.length > 0) return { kind: "unknown" };
  const version = hasVersion ? decodeSegment(rest[1] ?? "") : undefined;
  return { kind: known, name: decodeSegment(first), version };
}
