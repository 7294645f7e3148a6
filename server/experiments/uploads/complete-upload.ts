import { Readable } from "node:stream";
import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { artifactUploadParts, artifactUploads } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { openObject, type StoredObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import type { ArtifactOwner } from "../artifact-owner";
import { putRunArtifact } from "../put-run-artifact";
import { getUploadInWorkspace, ownerOf, requirePlace, UPLOAD_PARTS_MAX } from "./internal";

const completeInput = z.object({
  uploadId: z.string(),
  /** The tag of a part is the SHA-256 it was answered with. */
  parts: z
    .array(z.object({ number: z.int(), etag: z.string().max(200) }))
    .min(1)
    .max(UPLOAD_PARTS_MAX),
});

/**
 * Joins the parts by number into the file they are of. Doing it again changes nothing. Throws
 * not_found for the upload, validation_failed when a part is missing or another than was sent; else
 * as putRunArtifact does.
 */
export async function completeUpload(
  ctx: Context,
  input: { owner: ArtifactOwner; path: string } & z.input<typeof completeInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const { uploadId, parts } = completeInput.parse(input);
  const upload = await withWorkspace(ctx, async (tx) => {
    const row = await getUploadInWorkspace(tx, ctx, uploadId);
    requirePlace(row, input);
    return { row, stored: await loadParts(tx, ctx, row.id) };
  });
  // Complete already, and the answer was lost.
  if (upload.row.parts === 0) return;
  const named = parts.toSorted((a, b) => a.number - b.number);
  const isWhole =
    named.length === upload.row.parts &&
    upload.stored.length === upload.row.parts &&
    named.every(({ number, etag }, at) => {
      const stored = upload.stored[at];
      return number === at + 1 && stored?.number === number && unquoted(etag) === stored.sha256;
    });
  if (!isWhole) throw invalid("Every part must be there once, as it was sent.");
  const content = Readable.from(joined(ctx, upload.stored));
  await putRunArtifact(ctx, { owner: ownerOf(upload.row), path: upload.row.path, content });
  await withWorkspace(ctx, async (tx) => {
    const own = and(
      eq(artifactUploads.workspaceId, ctx.workspaceId),
      eq(artifactUploads.id, upload.row.id),
    );
    await tx.update(artifactUploads).set({ parts: 0 }).where(own);
    await tx.delete(artifactUploadParts).where(partsOf(ctx, upload.row.id));
  });
}

const unquoted = (etag: string): string => etag.replace(/^W\//, "").replaceAll('"', "");

const partsOf = (ctx: Context, uploadId: string) =>
  and(
    eq(artifactUploadParts.workspaceId, ctx.workspaceId),
    eq(artifactUploadParts.uploadId, uploadId),
  );

function loadParts(
  tx: Transaction,
  ctx: Context,
  uploadId: string,
): Promise<({ number: number } & StoredObject)[]> {
  return tx
    .select({
      number: artifactUploadParts.number,
      sha256: artifactUploadParts.sha256,
      sizeBytes: artifactUploadParts.sizeBytes,
    })
    .from(artifactUploadParts)
    .where(partsOf(ctx, uploadId))
    .orderBy(asc(artifactUploadParts.number));
}

/** The bytes of the parts, one open at a time. */
async function* joined(ctx: Context, parts: StoredObject[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    for await (const piece of await openObject(ctx, part)) yield piece as Buffer;
  }
}
