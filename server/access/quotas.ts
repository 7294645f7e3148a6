import { and, count, eq, isNotNull, isNull, sql, sum } from "drizzle-orm";
import { type Database, type Transaction, withWorkspace } from "@/db/client";
import { artifactObjects, models, trainingJobs, workspaceQuotas } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { ObjectStore } from "@/server/kernel/ports";

/** What a workspace may use at most; null is no limit. */
export interface Quotas {
  modelsMax: number | null;
  storageBytesMax: number | null;
  concurrentTrainingMax: number | null;
  requestsPerSecondMax: number | null;
}

export const NO_QUOTAS: Quotas = {
  modelsMax: null,
  storageBytesMax: null,
  concurrentTrainingMax: null,
  requestsPerSecondMax: null,
};

/** A changed quota is seen by every process within this time, milliseconds. */
const CACHE_MS = 2_000;
const CACHE_ENTRIES = 10_000;

type Cache = Map<string, { quotas: Promise<Quotas>; until: number }>;
const caches = new WeakMap<Database, Cache>();

/** The quotas of a workspace, at most two seconds old. Never throws for an unknown one: no limits. */
export function getQuotas(db: Database, workspaceId: string): Promise<Quotas> {
  const cache: Cache = caches.get(db) ?? new Map();
  caches.set(db, cache);
  const hit = cache.get(workspaceId);
  if (hit && hit.until > Date.now()) return hit.quotas;
  if (cache.size >= CACHE_ENTRIES) cache.clear();
  const quotas = withWorkspace({ db, workspaceId }, (tx) => readQuotas(tx, { workspaceId }));
  cache.set(workspaceId, { quotas, until: Date.now() + CACHE_MS });
  quotas.catch(() => cache.delete(workspaceId));
  return quotas;
}

/** The quotas as they are now, in the transaction that depends on them. */
export async function readQuotas(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<Quotas> {
  const [row] = await tx
    .select()
    .from(workspaceQuotas)
    .where(eq(workspaceQuotas.workspaceId, ctx.workspaceId));
  if (!row) return NO_QUOTAS;
  const { modelsMax, storageBytesMax, concurrentTrainingMax, requestsPerSecondMax } = row;
  return { modelsMax, storageBytesMax, concurrentTrainingMax, requestsPerSecondMax };
}

export interface Usage {
  models: number;
  storageBytes: number;
  runningTraining: number;
}

/** What a workspace uses now. */
export async function readUsage(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<Usage> {
  const [found] = await tx
    .select({ models: count() })
    .from(models)
    .where(and(eq(models.workspaceId, ctx.workspaceId), isNull(models.deletedAt)));
  return {
    models: found?.models ?? 0,
    storageBytes: await storedBytes(tx, ctx),
    runningTraining: await runningTraining(tx, ctx),
  };
}

async function storedBytes(tx: Transaction, ctx: Pick<Context, "workspaceId">): Promise<number> {
  const [row] = await tx
    .select({ bytes: sum(artifactObjects.sizeBytes) })
    .from(artifactObjects)
    .where(eq(artifactObjects.workspaceId, ctx.workspaceId));
  return Number(row?.bytes ?? 0);
}

async function runningTraining(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<number> {
  const [row] = await tx
    .select({ jobs: count() })
    .from(trainingJobs)
    .where(
      and(
        eq(trainingJobs.workspaceId, ctx.workspaceId),
        eq(trainingJobs.status, "running"),
        isNull(trainingJobs.trainedAt),
        isNotNull(trainingJobs.submittedAt),
      ),
    );
  return row?.jobs ?? 0;
}

/** Of two that would both take the last place, the second waits here and sees the first. */
async function takeTurns(tx: Transaction, ctx: Pick<Context, "workspaceId">): Promise<void> {
  const key = `quota:${ctx.workspaceId}`;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

/** Before a model is made. Throws conflict when the workspace has as many as it may. */
export async function requireModelQuota(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<void> {
  const { modelsMax } = await readQuotas(tx, ctx);
  if (modelsMax === null) return;
  await takeTurns(tx, ctx);
  const { models: used } = await readUsage(tx, ctx);
  if (used < modelsMax) return;
  throw new AppError("conflict", `This workspace may hold ${modelsMax} models. Delete one first.`);
}

/**
 * After an object's row is written, in the same transaction: of two uploads that together pass the
 * workspace's bytes, the second is taken back. Throws conflict.
 */
export async function requireStorageQuota(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<void> {
  const { storageBytesMax } = await readQuotas(tx, ctx);
  if (storageBytesMax === null) return;
  await takeTurns(tx, ctx);
  const used = await storedBytes(tx, ctx);
  if (used > storageBytesMax) throw storageFull(storageBytesMax);
}

const storageFull = (most: number) =>
  new AppError("conflict", `This workspace may store ${most} bytes: delete something first.`);

/** Whether one more training may run, and how many may; in the transaction that starts it. */
export async function trainingQuota(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<{ isFree: boolean; most: number | null }> {
  const { concurrentTrainingMax: most } = await readQuotas(tx, ctx);
  if (most === null) return { isFree: true, most };
  await takeTurns(tx, ctx);
  return { isFree: (await runningTraining(tx, ctx)) < most, most };
}

/** The store, refusing what would pass the workspace's bytes. Repeated content counts while it comes in. */
export function limitStorage(store: ObjectStore, db: Database): ObjectStore {
  return {
    get: (...args) => store.get(...args),
    delete: (...args) => store.delete(...args),
    access: (...args) => store.access(...args),
    discard: (...args) => store.discard(...args),
    async put(workspaceId, content, limitBytes) {
      const { storageBytesMax } = await getQuotas(db, workspaceId);
      if (storageBytesMax === null) return store.put(workspaceId, content, limitBytes);
      const used = await withWorkspace({ db, workspaceId }, (tx) =>
        storedBytes(tx, { workspaceId }),
      );
      const left = storageBytesMax - used;
      const full = storageFull(storageBytesMax);
      if (left <= 0) throw full;
      return store.put(workspaceId, content, Math.min(limitBytes, left)).catch((error) => {
        const isOurs = error instanceof AppError && error.code === "payload_too_large";
        throw isOurs && left < limitBytes ? full : error;
      });
    },
  };
}
