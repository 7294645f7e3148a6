import { withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { getDeploymentInWorkspace, replicasToLoad, requireDeployGrant } from "../internal";
import { preload } from "../traffic/preload";
import { readReplicaMove, restoreStable } from "./grow-replicas";
import { getRollOutOfDeployment } from "./internal";

/**
 * Puts the side of a rolling roll-out that a person gives all traffic on all its replicas first; the
 * other strategies keep both there anyway. Throws as the change itself.
 */
export async function loadBeforeChange(
  ctx: Context,
  { deployment: ref, rollOut: id }: { deployment: string; rollOut: string },
  side: "stable" | "candidate",
): Promise<void> {
  const found = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    await requireDeployGrant(tx, ctx, deployment);
    const rollOut = await getRollOutOfDeployment(tx, ctx, deployment, id);
    return readReplicaMove(tx, ctx, deployment, rollOut);
  });
  if (side === "stable" && found) await restoreStable(ctx, found);
  if (side === "stable" || !found?.candidate) return;
  // On all replicas it has no other version to keep clear of.
  const model = { ...found.candidate, opposite: undefined };
  await preload(ctx, model, replicasToLoad(found.deployment));
}
