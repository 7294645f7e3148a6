import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Transaction } from "@/db/client";
import { deployments, deploymentVariants, rollOuts } from "@/db/schema";
import { actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { newId } from "@/server/kernel/ids";
import { ROLLOUT_REQUESTED, type Strategy } from "../constants";
import { type DeploymentRow, replicasToLoad } from "../internal";
import { recordEvent } from "../record-event";
import { type planInput, planOf } from "./plan";

interface Request {
  deployment: DeploymentRow;
  version: { id: string; number: number };
  strategy: Strategy;
  plan: z.output<typeof planInput>;
  comment?: string | undefined;
}

/** Writes that a version shall be rolled out; loading it is background work. Answers the roll-out's id. */
export async function requestRollOut(
  tx: Transaction,
  ctx: Context,
  { deployment, version, strategy, plan, comment }: Request,
): Promise<string> {
  const [variantId, id] = [newId(ctx.now().getTime()), newId(ctx.now().getTime())];
  const ids = { workspaceId: ctx.workspaceId, deploymentId: deployment.id };
  await tx.insert(deploymentVariants).values({
    ...ids,
    id: variantId,
    versionId: version.id,
    name: `v${version.number}`,
    weight: 0,
    status: "loading",
    createdAt: ctx.now(),
  });
  await tx.insert(rollOuts).values({
    ...ids,
    id,
    candidateId: variantId,
    strategy,
    plan: planOf(strategy, plan, replicasToLoad(deployment)),
    state: "pending",
    comment: comment || null,
    createdBy: actorName(ctx.actor),
    createdAt: ctx.now(),
    updatedAt: ctx.now(),
  });
  if (deployment.status === "failed") {
    await tx
      .update(deployments)
      .set({ status: "pending", error: null, updatedAt: ctx.now() })
      .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
  }
  await recordEvent(tx, ctx, {
    deploymentId: deployment.id,
    kind: "requested",
    versionId: version.id,
    message: `Version ${version.number} was asked for${IN_WORDS[strategy]}.`,
    comment,
  });
  await emitEvent(tx, ctx, {
    name: ROLLOUT_REQUESTED,
    data: { deploymentId: deployment.id, variantId },
  });
  return id;
}

const IN_WORDS: Record<Strategy, string> = {
  direct: "",
  rolling: ", replica by replica",
  blue_green: " beside the one that answers, which stays warm",
  canary: " as a canary",
  shadow: " as a shadow",
};
