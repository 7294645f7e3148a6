import type { Readable } from "node:stream";
import { withWorkspace } from "@/db/client";
import { artifactUploadParts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { ARTIFACT_MAX_BYTES } from "../constants";
import { getUploadInWorkspace } from "./internal";

/**
 * Takes one part, or takes it again in place of what was sent before; answers its SHA-256. Throws
 * not_found for the upload and for a number beyond its parts, payload_too_large. not audited: a
 * part is no file yet.
 */
export async function putUploadPart(
  ctx: Context,
  input: { uploadId: string; number: number; content: Readable },
): Promise<{ sha256: string; sizeBytes: number }> {
  requirePermission(ctx, "experiments:write");
  const { uploadId, number } = input;
  const check = (tx: Parameters<typeof getUploadInWorkspace>[0]) =>
    getUploadInWorkspace(tx, ctx, uploadId).then((row) => {
      if (!Number.isInteger(number) || number < 1 || number > row.parts) {
        throw notFound(`Part ${number} of the upload`);
      }
    });
  await withWorkspace(ctx, check);
  const object = await ctx.ports.objects.put(ctx.workspaceId, input.content, ARTIFACT_MAX_BYTES);
  await withWorkspace(ctx, async (tx) => {
    // It may have ended while the part came.
    await check(tx);
    await storeObject(tx, ctx, object);
    const { workspaceId, uploadId: upload, number: part } = artifactUploadParts;
    await tx
      .insert(artifactUploadParts)
      .values({
        ...object,
        workspaceId: ctx.workspaceId,
        uploadId,
        number,
        createdAt: ctx.now(),
      })
      .onConflictDoUpdate({ target: [workspaceId, upload, part], set: object });
  });
  return object;
}
