import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { artifactObjects, objectKeys } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";

/** Objects one transaction looks at. */
const BATCH = 200;
/** An upload is stored before the row that uses it; none takes longer than this, milliseconds. */
const UNUSED_MS = 24 * 3600 * 1000;

/**
 * Removes objects that no row stands for and that were stored more than a day ago: leftovers of
 * failed uploads, files of deleted runs. Which tables stand for objects is read from the foreign
 * keys, so a new one counts by itself. Answers how many went. Not audited: what is removed was
 * reachable by nobody.
 */
export async function collectObjects(ctx: Context): Promise<number> {
  requirePermission(ctx, "workspace:read");
  const before = new Date(ctx.now().getTime() - UNUSED_MS);
  let removed = 0;
  for (;;) {
    const taken = await discardUnused(ctx, sql`k.created_at < ${before.toISOString()}`);
    removed += taken;
    if (taken < BATCH) return removed;
  }
}

/** Removes one object at once if no row stands for it any more; for what must not wait a day. */
export async function collectObject(ctx: Context, sha256: string): Promise<boolean> {
  requirePermission(ctx, "workspace:read");
  return (await discardUnused(ctx, sql`k.sha256 = ${sha256}`)) > 0;
}

async function discardUnused(ctx: Context, which: SQL): Promise<number> {
  const batch = await withWorkspace(ctx, (tx) => takeUnused(tx, ctx.workspaceId, which));
  // The keys are gone by now: bytes that a kill leaves behind open for nobody.
  for (const { objectId } of batch) await ctx.ports.objects.discard(ctx.workspaceId, objectId);
  return batch.length;
}

async function takeUnused(
  tx: Transaction,
  workspaceId: string,
  which: SQL,
): Promise<{ objectId: string }[]> {
  const used = await referencesToObjects(tx);
  const { rows } = await tx.execute<{ sha256: string }>(sql`
    select k.sha256 from object_keys k
    where k.workspace_id = ${workspaceId} and ${which}
      and not (${sql.join([sql`false`, ...used], sql` or `)})
    order by k.created_at limit ${BATCH} for update of k skip locked`);
  if (rows.length === 0) return [];
  const hashes = rows.map((row) => row.sha256);
  // A row that came to use one meanwhile makes this fail; the next round leaves that object out.
  await tx
    .delete(artifactObjects)
    .where(
      and(eq(artifactObjects.workspaceId, workspaceId), inArray(artifactObjects.sha256, hashes)),
    );
  return tx
    .delete(objectKeys)
    .where(and(eq(objectKeys.workspaceId, workspaceId), inArray(objectKeys.sha256, hashes)))
    .returning({ objectId: objectKeys.objectId });
}

/** One condition for each foreign key on artifact_objects: whether a row points to the object `k`. */
async function referencesToObjects(tx: Transaction): Promise<SQL[]> {
  const { rows } = await tx.execute<{ table: string; column: string }>(sql`
    select c.relname as table, a.attname as column
    from pg_constraint f
    join pg_class c on c.oid = f.conrelid and c.relispartition = false
    cross join lateral unnest(f.conkey, f.confkey) as key(own, their)
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = key.own
    join pg_attribute b on b.attrelid = f.confrelid and b.attnum = key.their and b.attname = 'sha256'
    where f.contype = 'f' and f.confrelid = 'public.artifact_objects'::regclass`);
  return rows.map(
    ({ table, column }) =>
      sql`exists (select from ${sql.identifier(table)} r where r.workspace_id = k.workspace_id and r.${sql.identifier(column)} = k.sha256)`,
  );
}
