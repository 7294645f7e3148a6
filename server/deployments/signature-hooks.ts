import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deployments, deploymentVariants } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { signatureUsers } from "@/server/registry";
import { announceRouting, recordEvent } from "./record-event";

/** Deployments of which a version takes traffic or copies of it, or is about to. */
async function serving(tx: Transaction, ctx: Context, versionId: string) {
  return tx
    .selectDistinct({ id: deployments.id, name: deployments.name })
    .from(deploymentVariants)
    .innerJoin(
      deployments,
      and(
        eq(deployments.workspaceId, deploymentVariants.workspaceId),
        eq(deployments.id, deploymentVariants.deploymentId),
      ),
    )
    .where(
      and(
        eq(deploymentVariants.workspaceId, ctx.workspaceId),
        eq(deploymentVariants.versionId, versionId),
        inArray(deploymentVariants.status, ["active", "loading"]),
        isNull(deployments.deletedAt),
      ),
    )
    .orderBy(deployments.name)
    .limit(100);
}

/** Gateways follow a signature at once; nodes keep the tensors they have. */
signatureUsers.push({
  uses: async (tx, ctx, { id }) => (await serving(tx, ctx, id)).map(({ name }) => name),
  changed: async (tx, ctx, version, { revision, note, sentences }) => {
    const found = await serving(tx, ctx, version.id);
    const shown = sentences.slice(0, 5).join(" ");
    for (const { id } of found) {
      await recordEvent(tx, ctx, {
        deploymentId: id,
        kind: "settings_changed",
        versionId: version.id,
        message: `The signature of version ${version.number} is at revision ${revision}. ${shown}`,
        comment: note,
      });
      await announceChange(tx, ctx, "deployments", id);
    }
    if (found.length > 0) await announceRouting(tx, ctx);
  },
});
