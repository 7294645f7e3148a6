import type { Transaction } from "@/db/client";
import { artifactObjects } from "@/db/schema";
import { requireStorageQuota } from "@/server/access";
import type { Context } from "@/server/kernel/context";

/**
 * Notes in the workspace's books that the store holds these bytes; repeating it changes nothing.
 * Throws conflict when the workspace would hold more than it may.
 */
export async function storeObject(
  tx: Transaction,
  ctx: Context,
  object: { sha256: string; sizeBytes: number },
): Promise<void> {
  const made = await tx
    .insert(artifactObjects)
    .values({ ...object, workspaceId: ctx.workspaceId, createdAt: ctx.now() })
    .onConflictDoNothing()
    .returning({ sha256: artifactObjects.sha256 });
  if (made.length > 0) await requireStorageQuota(tx, ctx);
}
