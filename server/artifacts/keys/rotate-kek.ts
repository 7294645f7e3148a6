import { and, eq, isNotNull, ne } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { workspaceKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import type { Keyring } from "./keyring";
import { unwrapWorkspaceKey, wrapWorkspaceKey } from "./workspace-key";

/**
 * Wraps a workspace's keys anew under the keyring's current KEK, in one transaction; the keys
 * themselves and all objects stay as they are. Answers how many were wrapped anew: 0 when all are.
 * Throws unavailable when the KEK of one is not configured.
 */
export async function rotateKek(ctx: Context, keyring: Keyring): Promise<number> {
  return withWorkspace(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(workspaceKeys)
      .where(
        and(
          eq(workspaceKeys.workspaceId, ctx.workspaceId),
          ne(workspaceKeys.kekId, keyring.currentId),
          isNotNull(workspaceKeys.wrappedKey),
        ),
      )
      .for("update");
    for (const row of rows) await wrapAnew(tx, ctx.workspaceId, keyring, row);
    if (rows.length > 0) {
      await recordAudit(tx, ctx, {
        action: "workspace_key.rewrapped",
        subjectType: "workspace",
        subjectId: ctx.workspaceId,
        before: { kekIds: [...new Set(rows.map((row) => row.kekId))] },
        after: { kekIds: [keyring.currentId] },
      });
    }
    return rows.length;
  });
}

async function wrapAnew(
  tx: Transaction,
  workspaceId: string,
  keyring: Keyring,
  row: typeof workspaceKeys.$inferSelect,
): Promise<void> {
  const { kekId, wrappedKey } = wrapWorkspaceKey(
    keyring,
    workspaceId,
    unwrapWorkspaceKey(keyring, workspaceId, row),
  );
  await tx
    .update(workspaceKeys)
    .set({ kekId, wrappedKey })
    .where(and(eq(workspaceKeys.workspaceId, workspaceId), eq(workspaceKeys.id, row.id)));
}
