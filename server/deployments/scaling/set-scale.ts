import { and, desc, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deploymentEvents, deploymentScales, deployments } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import type { DeploymentRow } from "../internal";
import { announceRouting, recordEvent } from "../record-event";

/** Steps that follow one another this soon are one line of the timeline, milliseconds. */
const SERIES_MS = 5 * 60_000;
/** Numbers of a series that its line tells. */
const STEPS_MAX = 8;

interface Change {
  replicas: number;
  /** A sentence with the figures it was decided by. */
  reason: string;
}

/** Writes what scaling by itself wants of a locked deployment, and tells gateways and people. */
export async function setScale(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  change: Change,
): Promise<void> {
  const before = deployment.scaledReplicas ?? deployment.maxReplicas;
  await tx
    .update(deployments)
    .set({ scaledReplicas: change.replicas })
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
  await recordStep(tx, ctx, deployment.id, before, change);
  await recordAudit(tx, ctx, {
    action: "deployment.scaled",
    subjectType: "deployment",
    subjectId: deployment.id,
    before: { replicas: before },
    after: { replicas: change.replicas, reason: change.reason },
  });
  await announceRouting(tx, ctx);
  await announceChange(tx, ctx, "deployments", deployment.id);
}

/** A new line of the timeline, or the last one told anew where this goes on with its series. */
async function recordStep(
  tx: Transaction,
  ctx: Context,
  deploymentId: string,
  before: number,
  { replicas, reason }: Change,
): Promise<void> {
  const open =
    before > 0 && replicas > 0 ? await openSeries(tx, ctx, deploymentId, before) : undefined;
  const series = shortened([...(open?.series ?? [before]), replicas]);
  const message = tell(series, reason);
  if (open) {
    await tx
      .update(deploymentEvents)
      .set({ message, at: ctx.now() })
      .where(
        and(
          eq(deploymentEvents.workspaceId, ctx.workspaceId),
          eq(deploymentEvents.id, open.eventId),
        ),
      );
  }
  const eventId =
    open?.eventId ??
    (await recordEvent(tx, ctx, { deploymentId, kind: "scaled", versionId: null, message }));
  const values = { eventId, series };
  await tx
    .insert(deploymentScales)
    .values({ workspaceId: ctx.workspaceId, deploymentId, ...values })
    .onConflictDoUpdate({
      target: [deploymentScales.workspaceId, deploymentScales.deploymentId],
      set: values,
    });
}

/** The beginning and the newest steps. */
const shortened = (series: number[]): number[] =>
  series.length <= STEPS_MAX ? series : [...series.slice(0, 1), ...series.slice(1 - STEPS_MAX)];

function tell(series: number[], reason: string): string {
  if (series.at(-1) === 0) return `Idle: the versions leave the nodes. ${reason}`;
  const [from, ...steps] = series;
  return `Replicas: ${from} became ${steps.join(", then ")}. ${reason}`;
}

/** The series that the newest line of the timeline tells, where it is young and ends as things stand. */
async function openSeries(tx: Transaction, ctx: Context, deploymentId: string, before: number) {
  const [scale] = await tx
    .select()
    .from(deploymentScales)
    .where(
      and(
        eq(deploymentScales.workspaceId, ctx.workspaceId),
        eq(deploymentScales.deploymentId, deploymentId),
      ),
    );
  if (!scale?.eventId || scale.series[0] === 0 || scale.series.at(-1) !== before) return undefined;
  const [newest] = await tx
    .select({ id: deploymentEvents.id, at: deploymentEvents.at })
    .from(deploymentEvents)
    .where(
      and(
        eq(deploymentEvents.workspaceId, ctx.workspaceId),
        eq(deploymentEvents.deploymentId, deploymentId),
      ),
    )
    .orderBy(desc(deploymentEvents.at), desc(deploymentEvents.id))
    .limit(1);
  const isYoung = newest && ctx.now().getTime() - newest.at.getTime() < SERIES_MS;
  if (!isYoung || newest.id !== scale.eventId) return undefined;
  return { eventId: scale.eventId, series: scale.series };
}
