import type { Transaction } from "@/db/client";
import { artifactObjects } from "@/db/schema";
import type { Context } from "@/server/kernel/context";

/** Notes in the workspace's books that the store holds these bytes; repeating it changes nothing. */
export async function storeObject(
  tx: Transaction,
  ctx: Context,
  object: { sha256: string; sizeBytes: number },
): Promise<void> {
  await tx
    .insert(artifactObjects)
    .values({ ...object, workspaceId: ctx.workspaceId, createdAt: ctx.now() })
    .onConflictDoNothing();
}
