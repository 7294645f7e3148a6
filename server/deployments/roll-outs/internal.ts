import { and, desc, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deploymentEvents, deploymentVariants, modelVersions, rollOuts } from "@/db/schema";
import { type Actor, actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { OPEN_STATES, type RollOutState, type Strategy } from "../constants";
import type { DeploymentRow } from "../internal";
import type { Share } from "../traffic/share-weights";
import { type RollOutPlan, rollOutPlan } from "./plan";
import type { RollOutDto } from "./schemas";

type Tenant = Pick<Context, "workspaceId">;

/** A roll-out with its version's number and its plan read. */
export type RollOutRow = Omit<typeof rollOuts.$inferSelect, "plan" | "baseline"> & {
  plan: RollOutPlan;
  baseline: Share[];
  versionId: string;
  versionNumber: number;
};

const openStates: readonly string[] = OPEN_STATES;
export const isOpen = (rollOut: Pick<RollOutRow, "state">): boolean =>
  openStates.includes(rollOut.state);

/** True while its candidate has traffic, or copies of it. */
export const hasTraffic = (rollOut: Pick<RollOutRow, "state" | "step">): boolean =>
  isOpen(rollOut) && rollOut.step >= 0;

interface Filter {
  deploymentIds?: string[];
  id?: string;
  variantId?: string;
  open?: boolean;
}

/** Roll-outs with their version, newest first. */
export async function rollOutsWhere(
  tx: Transaction,
  ctx: Tenant,
  filter: Filter,
): Promise<RollOutRow[]> {
  const rows = await joinedRollOuts(tx)
    .where(
      and(
        eq(rollOuts.workspaceId, ctx.workspaceId),
        filter.id ? eq(rollOuts.id, filter.id) : undefined,
        filter.variantId ? eq(rollOuts.candidateId, filter.variantId) : undefined,
        filter.deploymentIds ? inArray(rollOuts.deploymentId, filter.deploymentIds) : undefined,
        filter.open ? inArray(rollOuts.state, [...OPEN_STATES]) : undefined,
      ),
    )
    .orderBy(desc(rollOuts.createdAt), desc(rollOuts.id));
  return rows.map(toRow);
}

/** The query every reader of roll-outs begins with. */
export const joinedRollOuts = (tx: Transaction) =>
  tx
    .select({
      rollOut: rollOuts,
      versionId: deploymentVariants.versionId,
      versionNumber: modelVersions.number,
    })
    .from(rollOuts)
    .innerJoin(
      deploymentVariants,
      and(
        eq(deploymentVariants.workspaceId, rollOuts.workspaceId),
        eq(deploymentVariants.id, rollOuts.candidateId),
      ),
    )
    .innerJoin(
      modelVersions,
      and(
        eq(modelVersions.workspaceId, deploymentVariants.workspaceId),
        eq(modelVersions.id, deploymentVariants.versionId),
      ),
    );

export const toRow = (row: {
  rollOut: typeof rollOuts.$inferSelect;
  versionId: string;
  versionNumber: number;
}): RollOutRow => ({
  ...row.rollOut,
  plan: rollOutPlan.parse(row.rollOut.plan),
  baseline: row.rollOut.baseline as Share[],
  versionId: row.versionId,
  versionNumber: row.versionNumber,
});

/** A roll-out of a deployment. Throws not_found. */
export async function getRollOutOfDeployment(
  tx: Transaction,
  ctx: Tenant,
  deployment: DeploymentRow,
  id: string,
): Promise<RollOutRow> {
  const [row] = await rollOutsWhere(tx, ctx, { id, deploymentIds: [deployment.id] });
  if (!row) throw notFound("The roll-out");
  return row;
}

export async function setRollOut(
  tx: Transaction,
  ctx: Context,
  id: string,
  values: Partial<typeof rollOuts.$inferInsert>,
): Promise<void> {
  await tx
    .update(rollOuts)
    .set({ ...values, updatedAt: ctx.now() })
    .where(and(eq(rollOuts.workspaceId, ctx.workspaceId), eq(rollOuts.id, id)));
}

/** Throws conflict, saying what changed, unless the deployment is as the caller saw it last. */
export async function expectRevision(
  tx: Transaction,
  ctx: Tenant,
  deployment: DeploymentRow,
  expected: number | undefined,
): Promise<void> {
  if (expected === undefined || expected === deployment.revision) return;
  const [last] = await tx
    .select({ message: deploymentEvents.message, actor: deploymentEvents.actor })
    .from(deploymentEvents)
    .where(
      and(
        eq(deploymentEvents.workspaceId, ctx.workspaceId),
        eq(deploymentEvents.deploymentId, deployment.id),
      ),
    )
    .orderBy(desc(deploymentEvents.at), desc(deploymentEvents.id))
    .limit(1);
  const what = last ? ` “${last.message}” (${actorName(last.actor as Actor)})` : "";
  throw new AppError(
    "conflict",
    `The deployment changed meanwhile:${what} It is at revision ${deployment.revision} now. Look again, then repeat.`,
  );
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const toRollOutDto = (row: RollOutRow): RollOutDto => ({
  id: row.id,
  deploymentId: row.deploymentId,
  variantId: row.candidateId,
  stableVariantId: row.stableId,
  versionId: row.versionId,
  versionNumber: row.versionNumber,
  strategy: row.strategy as Strategy,
  plan: row.plan,
  state: row.state as RollOutState,
  step: row.step,
  stepStartedAt: iso(row.stepStartedAt),
  dueAt: iso(row.dueAt),
  reason: row.reason,
  comment: row.comment,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  startedAt: iso(row.startedAt),
  finishedAt: iso(row.finishedAt),
});
