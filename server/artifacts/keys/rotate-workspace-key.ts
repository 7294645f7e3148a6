import { and, asc, count, eq, inArray, isNotNull, isNull, ne, notExists, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { objectKeys, workspaceKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { Keyring } from "./keyring";
import {
  currentWorkspaceKey,
  insertWorkspaceKey,
  unwrapObjectKey,
  unwrapWorkspaceKey,
  wrapObjectKey,
} from "./workspace-key";

/** Object keys wrapped anew in one transaction. */
const BATCH = 500;

export interface Progress {
  done: number;
  total: number;
}

/**
 * Gives a workspace a new key, wraps every object key anew under it and destroys the old one. Reads
 * and writes go on meanwhile. Each step is a transaction of its own: after a kill the same call goes
 * on where it stood. Answers the object keys wrapped by this call.
 */
export async function rotateWorkspaceKey(
  ctx: Context,
  keyring: Keyring,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<number> {
  await withWorkspace(ctx, (tx) => begin(tx, ctx, keyring));
  let done = 0;
  for (;;) {
    const left = await withWorkspace(ctx, (tx) => countLeft(tx, ctx.workspaceId));
    if (left > 0) {
      done += await withWorkspace(ctx, (tx) => rewrapBatch(tx, ctx, keyring));
      onProgress({ done, total: Math.max(done, done + left - BATCH) });
      continue;
    }
    if (await withWorkspace(ctx, (tx) => finish(tx, ctx))) return done;
  }
}

const own = (ctx: Pick<Context, "workspaceId">) => eq(workspaceKeys.workspaceId, ctx.workspaceId);

/** Retires the current key for a new one, unless an earlier rotation was cut off: then that goes on. */
async function begin(tx: Transaction, ctx: Context, keyring: Keyring): Promise<void> {
  const rows = await tx.select().from(workspaceKeys).where(own(ctx)).for("update");
  if (rows.some((row) => row.erasedAt)) {
    throw new AppError("conflict", "The artifacts of this workspace were erased.");
  }
  if (rows.some((row) => row.retiredAt)) return;
  const at = ctx.now();
  await tx
    .update(workspaceKeys)
    .set({ retiredAt: at })
    .where(and(own(ctx), isNull(workspaceKeys.retiredAt)));
  await insertWorkspaceKey(tx, keyring, ctx.workspaceId, at);
  await recordAudit(tx, ctx, {
    action: "workspace_key.retired",
    subjectType: "workspace",
    subjectId: ctx.workspaceId,
    before: { keyIds: rows.map((row) => row.id) },
  });
}

const retiredKeys = (tx: Transaction, workspaceId: string) =>
  tx
    .select({ id: workspaceKeys.id })
    .from(workspaceKeys)
    .where(and(eq(workspaceKeys.workspaceId, workspaceId), isNotNull(workspaceKeys.retiredAt)));

const underRetired = (tx: Transaction, workspaceId: string) =>
  and(
    eq(objectKeys.workspaceId, workspaceId),
    inArray(objectKeys.workspaceKeyId, retiredKeys(tx, workspaceId)),
  );

async function countLeft(tx: Transaction, workspaceId: string): Promise<number> {
  const where = underRetired(tx, workspaceId);
  const [row] = await tx.select({ left: count() }).from(objectKeys).where(where);
  return row?.left ?? 0;
}

async function rewrapBatch(tx: Transaction, ctx: Context, keyring: Keyring): Promise<number> {
  const { workspaceId } = ctx;
  const current = await currentWorkspaceKey(tx, keyring, workspaceId, ctx.now());
  const keyRows = await tx
    .select()
    .from(workspaceKeys)
    .where(and(own(ctx), ne(workspaceKeys.id, current.id)));
  const old = new Map(
    keyRows.map((row) => [row.id, unwrapWorkspaceKey(keyring, workspaceId, row)]),
  );
  const rows = await tx
    .select()
    .from(objectKeys)
    .where(underRetired(tx, workspaceId))
    .orderBy(asc(objectKeys.sha256))
    .limit(BATCH)
    .for("update");
  const wrapped = rows.map((row) => {
    const by = old.get(row.workspaceKeyId);
    if (!by) throw new Error("an object key names a workspace key that is not there");
    const key = unwrapObjectKey(by, workspaceId, row);
    return { sha256: row.sha256, key: wrapObjectKey(current, workspaceId, row, key) };
  });
  await tx.execute(sql`
    update object_keys o set workspace_key_id = ${current.id}, wrapped_key = d.wrapped_key
    from unnest(${sql.param(wrapped.map((one) => one.sha256))}::text[],
      ${sql.param(wrapped.map((one) => one.key))}::bytea[]) as d (sha256, wrapped_key)
    where o.workspace_id = ${workspaceId} and o.sha256 = d.sha256`);
  return rows.length;
}

/** Destroys retired keys nothing needs any more; false when a late write still needs one. */
async function finish(tx: Transaction, ctx: Context): Promise<boolean> {
  await tx.select().from(workspaceKeys).where(own(ctx)).for("update");
  const needed = tx
    .select({ sha256: objectKeys.sha256 })
    .from(objectKeys)
    .where(
      and(
        eq(objectKeys.workspaceId, workspaceKeys.workspaceId),
        eq(objectKeys.workspaceKeyId, workspaceKeys.id),
      ),
    );
  const gone = await tx
    .delete(workspaceKeys)
    .where(and(own(ctx), isNotNull(workspaceKeys.retiredAt), notExists(needed)))
    .returning({ id: workspaceKeys.id });
  if (gone.length > 0) {
    await recordAudit(tx, ctx, {
      action: "workspace_key.destroyed",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before: { keyIds: gone.map((row) => row.id) },
    });
  }
  return (await retiredKeys(tx, ctx.workspaceId)).length === 0;
}
