import { and, eq } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { artifactObjects, predictionArchives } from "@/db/schema";
import { storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import type { ArchiveFile } from "./ask-archives";

export type ArchiveRecord = typeof predictionArchives.$inferSelect;

/** What stands in the place of an archive that was written again. */
export interface Rewritten extends ArchiveFile {
  requests: number;
  fromAt: Date;
  toAt: Date;
}

/** The archive and its bytes go; done as well when they are gone. */
export async function removeArchive(ctx: Context, archive: ArchiveRecord): Promise<void> {
  const { id, sha256 } = archive;
  await withWorkspace(ctx, async (tx) => {
    await tx
      .delete(predictionArchives)
      .where(
        and(
          eq(predictionArchives.workspaceId, ctx.workspaceId),
          eq(predictionArchives.id, id),
          eq(predictionArchives.sha256, sha256),
        ),
      );
    await forget(tx, ctx, sha256);
  });
  await ctx.ports.objects.delete(ctx.workspaceId, sha256);
}

/** Puts another file in the place of an archive's; false when somebody else did meanwhile. */
export async function replaceArchive(
  ctx: Context,
  { id, sha256 }: ArchiveRecord,
  by: Rewritten,
): Promise<boolean> {
  const isMine = await withWorkspace(ctx, async (tx) => {
    await storeObject(tx, ctx, by);
    const changed = await tx
      .update(predictionArchives)
      .set({ ...by })
      .where(
        and(
          eq(predictionArchives.workspaceId, ctx.workspaceId),
          eq(predictionArchives.id, id),
          eq(predictionArchives.sha256, sha256),
        ),
      )
      .returning({ id: predictionArchives.id });
    if (changed.length === 0) return false;
    await forget(tx, ctx, sha256);
    return true;
  });
  // The row is gone by now: bytes that a kill leaves behind are collected a day later.
  if (isMine) await ctx.ports.objects.delete(ctx.workspaceId, sha256);
  return isMine;
}

/** Two archives never hold the same bytes: each request lies in one. */
const forget = (tx: Transaction, ctx: Context, sha256: string) =>
  tx
    .delete(artifactObjects)
    .where(
      and(eq(artifactObjects.workspaceId, ctx.workspaceId), eq(artifactObjects.sha256, sha256)),
    );
