import { and, count, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { objectKeys, workspaceKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import type { BlobStore } from "../blobs/blob-store";

const BATCH = 500;

export interface Erasure {
  /** Workspace keys this call destroyed; 0 when an earlier one did. */
  keysDestroyed: number;
  blobsRemoved: number;
  objectKeysRemoved: number;
  /** What a look afterwards found; all zero. */
  left: { workspaceKeys: number; objectKeys: number; blobs: number };
}

/**
 * Makes every artifact of a workspace unreadable for good: destroys its keys in one transaction,
 * which alone is enough, then removes bytes and object keys. The workspace takes no new artifacts.
 * After a kill the same call goes on where it stood.
 */
export async function eraseWorkspace(
  ctx: Context,
  blobs: BlobStore,
  onProgress: (what: string, done: number) => void = () => undefined,
): Promise<Erasure> {
  const { workspaceId } = ctx;
  const keysDestroyed = await withWorkspace(ctx, (tx) => destroyKeys(tx, ctx));
  onProgress("keys destroyed", keysDestroyed);
  const blobsRemoved = await blobs.removeWorkspace(workspaceId, (done) =>
    onProgress("blobs removed", done),
  );
  let objectKeysRemoved = 0;
  for (;;) {
    const gone = await withWorkspace(ctx, (tx) => removeObjectKeys(tx, workspaceId));
    if (gone === 0) break;
    objectKeysRemoved += gone;
    onProgress("object keys removed", objectKeysRemoved);
  }
  const left = {
    ...(await withWorkspace(ctx, (tx) => look(tx, workspaceId))),
    blobs: await blobs.removeWorkspace(workspaceId, () => undefined),
  };
  return { keysDestroyed, blobsRemoved, objectKeysRemoved, left };
}

async function destroyKeys(tx: Transaction, ctx: Context): Promise<number> {
  const { workspaceId } = ctx;
  const at = ctx.now();
  const own = eq(workspaceKeys.workspaceId, workspaceId);
  const gone = await tx
    .update(workspaceKeys)
    .set({ wrappedKey: null, erasedAt: at })
    .where(and(own, isNotNull(workspaceKeys.wrappedKey)))
    .returning({ id: workspaceKeys.id });
  const current = await tx
    .select({ id: workspaceKeys.id })
    .from(workspaceKeys)
    .where(and(own, isNull(workspaceKeys.retiredAt)));
  if (current.length === 0) {
    // The mark that keeps a workspace without keys from being given one.
    const mark = { workspaceId, id: newId(), kekId: "none", erasedAt: at, createdAt: at };
    await tx.insert(workspaceKeys).values(mark);
  }
  if (gone.length > 0 || current.length === 0) {
    await recordAudit(tx, ctx, {
      action: "artifacts.erased",
      subjectType: "workspace",
      subjectId: workspaceId,
      before: { keyIds: gone.map((row) => row.id) },
    });
  }
  return gone.length;
}

async function removeObjectKeys(tx: Transaction, workspaceId: string): Promise<number> {
  const own = eq(objectKeys.workspaceId, workspaceId);
  const some = await tx
    .select({ sha256: objectKeys.sha256 })
    .from(objectKeys)
    .where(own)
    .limit(BATCH);
  if (some.length === 0) return 0;
  const names = some.map((row) => row.sha256);
  await tx.delete(objectKeys).where(and(own, inArray(objectKeys.sha256, names)));
  return names.length;
}

async function look(tx: Transaction, workspaceId: string) {
  const [keys] = await tx
    .select({ n: count() })
    .from(workspaceKeys)
    .where(and(eq(workspaceKeys.workspaceId, workspaceId), isNotNull(workspaceKeys.wrappedKey)));
  const [objects] = await tx
    .select({ n: count() })
    .from(objectKeys)
    .where(eq(objectKeys.workspaceId, workspaceId));
  return { workspaceKeys: keys?.n ?? 0, objectKeys: objects?.n ?? 0 };
}
