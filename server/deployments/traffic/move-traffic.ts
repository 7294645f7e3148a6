import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deployments, deploymentVariants } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { type DeploymentEventKind, TRAFFIC_CHANGED, type VariantRole } from "../constants";
import type { DeploymentRow, VariantRow } from "../internal";
import { announceRouting, recordEvent } from "../record-event";
import type { Share } from "./share-weights";

interface Move {
  /** Who is active from now on; any other active variant is retired. Adds up to 100. */
  shares: readonly Share[];
  /** Roles that differ from stable. */
  roles?: Record<string, VariantRole>;
  /** Percent of the replicas each variant has; all of them where it is not named. */
  replicaShares?: Record<string, number>;
  /** Accepted as what serves, so that a rollback may bring it back one day. */
  accepted?: readonly string[];
}

/** Writes weights, roles and states of a deployment's variants as one change; gateways follow by NOTIFY. */
export async function moveTraffic(
  tx: Transaction,
  ctx: Context,
  variants: readonly VariantRow[],
  { shares, roles = {}, replicaShares = {}, accepted = [] }: Move,
): Promise<void> {
  const total = shares.reduce((sum, one) => sum + one.weight, 0);
  if (total !== 100) throw new Error(`Weights add up to ${total}, not 100.`);
  const weightOf = new Map(shares.map((one) => [one.variantId, one.weight]));
  for (const variant of variants) {
    const weight = weightOf.get(variant.id);
    if (weight !== undefined) {
      await setVariant(tx, ctx, variant.id, {
        status: "active",
        role: roles[variant.id] ?? "stable",
        weight,
        replicaShare: replicaShares[variant.id] ?? null,
        retiredAt: null,
        ...(accepted.includes(variant.id) ? { activatedAt: ctx.now() } : {}),
      });
    } else if (variant.status === "active") {
      await setVariant(tx, ctx, variant.id, {
        status: "retired",
        role: "stable",
        weight: 0,
        replicaShare: null,
        retiredAt: ctx.now(),
      });
    }
  }
  await announceRouting(tx, ctx);
}

/** Notes that traffic moved on the timeline; what it did is measured in the background. */
export async function recordTrafficEvent(
  tx: Transaction,
  ctx: Context,
  entry: {
    deploymentId: string;
    kind: DeploymentEventKind;
    versionId: string | null;
    message: string;
    comment?: string | null | undefined;
  },
): Promise<void> {
  const eventId = await recordEvent(tx, ctx, entry);
  if (!eventId) return;
  await emitEvent(tx, ctx, {
    name: TRAFFIC_CHANGED,
    data: { deploymentId: entry.deploymentId, eventId },
  });
}

/** Writes values of a deployment and counts its revision up; open pages are told. */
export async function touchDeployment(
  tx: Transaction,
  ctx: Context,
  id: string,
  values: Partial<Pick<DeploymentRow, "status" | "error">> = {},
): Promise<void> {
  await tx
    .update(deployments)
    .set({ ...values, revision: sql`${deployments.revision} + 1`, updatedAt: ctx.now() })
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, id)));
  await announceChange(tx, ctx, "deployments", id);
}

export async function setVariant(
  tx: Transaction,
  ctx: Context,
  id: string,
  values: Partial<typeof deploymentVariants.$inferInsert>,
): Promise<void> {
  await tx
    .update(deploymentVariants)
    .set(values)
    .where(and(eq(deploymentVariants.workspaceId, ctx.workspaceId), eq(deploymentVariants.id, id)));
}

/** What takes traffic, as the audit keeps it. */
export const activeVersions = (variants: readonly VariantRow[]) =>
  variants
    .filter((one) => one.status === "active")
    .map(({ versionId, weight }) => ({ versionId, weight }));
