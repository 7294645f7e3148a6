import { and, eq, gt } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { artifactUploads } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ArtifactOwner } from "../artifact-owner";

type UploadRow = typeof artifactUploads.$inferSelect;

/** Parts of one upload; S3's limit, which clients know. */
export const UPLOAD_PARTS_MAX = 10_000;

/** How long parts are taken and kept, milliseconds. */
export const UPLOAD_MS = 24 * 60 * 60 * 1000;

/** Loads an upload that has not expired. Throws not_found. */
export async function getUploadInWorkspace(
  tx: Transaction,
  ctx: Context,
  id: string,
): Promise<UploadRow> {
  if (!isUuid(id)) throw notFound("The upload");
  const [row] = await tx
    .select()
    .from(artifactUploads)
    .where(
      and(
        eq(artifactUploads.workspaceId, ctx.workspaceId),
        eq(artifactUploads.id, id),
        gt(artifactUploads.expiresAt, ctx.now()),
      ),
    )
    .for("key share");
  if (!row) throw notFound("The upload");
  return row;
}

/** Whose files the upload adds to. */
export const ownerOf = (row: UploadRow): ArtifactOwner => ({
  kind: row.ownerKind as ArtifactOwner["kind"],
  id: row.ownerId,
});

/** Refuses an upload of another place than the caller names, as if there were none. */
export function requirePlace(row: UploadRow, place: { owner: ArtifactOwner; path: string }): void {
  const isSame =
    row.ownerKind === place.owner.kind && row.ownerId === place.owner.id && row.path === place.path;
  if (!isSame) throw notFound("The upload");
}
