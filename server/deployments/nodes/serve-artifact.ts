import { timingSafeEqual } from "node:crypto";
import type { z } from "zod";
import { serveObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { requireNodeToken } from "./announce-node";
import { artifactParams } from "./schemas";

const missing = () => new AppError("not_found", "There is no such artifact, or not for this key.");

/**
 * One object as a download, ranges too, for nodes that do not read the artifact store themselves.
 * They show the node token and the key that came with the object's load request, so a node reads
 * what it was given to load and nothing else. Throws unauthenticated, not_found.
 */
export async function serveNodeArtifact(
  ctx: Context,
  input: z.input<typeof artifactParams> & {
    token: string | undefined;
    key: string | undefined;
    request: Request;
  },
): Promise<Response> {
  const { token, key, request, ...params } = input;
  requireNodeToken(ctx, token);
  const { workspace: workspaceId, sha256 } = artifactParams.parse(params);
  const { objects } = ctx.ports;
  const access = await objects.access(workspaceId, sha256).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not_found") throw missing();
    throw error;
  });
  if (!isSame(key ?? "", access.key)) throw missing();
  const object = { sha256, sizeBytes: access.sizeBytes };
  const as = { fileName: sha256, contentType: "application/octet-stream" };
  return serveObject({ workspaceId, ports: ctx.ports }, request, object, as);
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
