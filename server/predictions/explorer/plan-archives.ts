import { and, asc, desc, eq, gte, lt, lte } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deploymentVariants, modelVersions, predictionArchives } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { isUuid } from "@/server/kernel/ids";
import type { ArchiveRecord } from "../archives/remove-archive";
import type { Conditions, Place } from "../archives/tasks";
import { requestWindow, storable } from "./log-filters";
import type { LogQuery } from "./schemas";

/** Archives one page may look at. */
export const ARCHIVES_MAX = 500;

type ArchiveQuery = Omit<LogQuery, "deployment"> & { deploymentId: string | undefined };

/** Which archives a page may have to look into, in reading order, and for what. */
export interface ArchivePlan {
  archives: ArchiveRecord[];
  where: Conditions;
  /** Whether it is known what came of a request; told in the database. */
  hasOutcome: boolean | undefined;
}

const STATUS: Record<NonNullable<LogQuery["status"]>, readonly [number, number]> = {
  ok: [0, 399],
  error: [400, 999],
  refused: [400, 499],
  failed: [500, 999],
};

/** What the query means where there are no names, only ids; read in the transaction of the page. */
export async function planArchives(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  query: ArchiveQuery,
  after: Place | undefined,
): Promise<ArchivePlan> {
  const archives = await archivesOf(tx, ctx, query, { after, limit: ARCHIVES_MAX });
  const { from, to, latencyAboveMs, unit, feature, value, requestId } = query;
  const where: Conditions = {
    deploymentId: query.deploymentId,
    requestId: requestId?.toLowerCase(),
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
    status: query.status && STATUS[query.status],
    lane: query.lane,
    isPinned: query.pinned,
    latencyAboveUs: latencyAboveMs === undefined ? undefined : Math.round(latencyAboveMs * 1000),
    unit: unit === undefined ? undefined : storable(unit),
    feature:
      feature === undefined ? undefined : { name: storable(feature), value: storable(value ?? "") },
  };
  if (archives.length > 0 && query.variant !== undefined) {
    where.variantIds = await variantIds(tx, ctx, query.variant);
  }
  if (archives.length > 0 && query.version !== undefined) {
    where.versionIds = await versionIds(tx, ctx, query.version);
  }
  return { archives, where, hasOutcome: query.hasOutcome };
}

/** Archives in which requests of a query may lie, behind a place and in reading order. */
export async function archivesOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  query: Pick<ArchiveQuery, "from" | "to" | "order" | "deploymentId" | "requestId">,
  { after, limit }: { after?: Place | undefined; limit: number },
): Promise<ArchiveRecord[]> {
  const a = predictionArchives;
  const { from, to, order, deploymentId, requestId } = query;
  const window = requestId === undefined ? undefined : requestWindow(requestId, ctx.now());
  if (requestId !== undefined && !window) return [];
  const afterAt = after && new Date(after[0]);
  return tx
    .select()
    .from(a)
    .where(
      and(
        eq(a.workspaceId, ctx.workspaceId),
        deploymentId ? eq(a.deploymentId, deploymentId) : undefined,
        from === undefined ? undefined : gte(a.toAt, new Date(from)),
        to === undefined ? undefined : lt(a.fromAt, new Date(to)),
        window && gte(a.toAt, window.from),
        window && lt(a.fromAt, window.until),
        afterAt && (order === "asc" ? gte(a.toAt, afterAt) : lte(a.fromAt, afterAt)),
      ),
    )
    .orderBy(...(order === "asc" ? [asc(a.fromAt), asc(a.id)] : [desc(a.toAt), desc(a.id)]))
    .limit(limit);
}

async function variantIds(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  variant: string,
): Promise<string[]> {
  if (isUuid(variant)) return [variant.toLowerCase()];
  const rows = await tx
    .select({ id: deploymentVariants.id })
    .from(deploymentVariants)
    .where(
      and(
        eq(deploymentVariants.workspaceId, ctx.workspaceId),
        eq(deploymentVariants.name, storable(variant)),
      ),
    );
  return rows.map(({ id }) => id);
}

async function versionIds(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  number: number,
): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ id: modelVersions.id })
    .from(modelVersions)
    .innerJoin(
      deploymentVariants,
      and(
        eq(deploymentVariants.workspaceId, modelVersions.workspaceId),
        eq(deploymentVariants.versionId, modelVersions.id),
      ),
    )
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.number, number)));
  return rows.map(({ id }) => id);
}
