import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelAliases, models, modelVersions } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { closeApproval } from "./approvals/close-approval";
import { openRequests } from "./approvals/internal";
import {
  getModelInWorkspace,
  getVersionInWorkspace,
  toVersionSummary,
  type VersionRow,
} from "./internal";
import { versionRef } from "./schemas";

/** Throws conflict, saying what uses the version, to keep it. */
export type VersionDeletionGuard = (
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
) => Promise<void>;

/** Slices to the right, which this one may not import, add what they know of a version's use. */
export const versionDeletionGuards: VersionDeletionGuard[] = [];

/**
 * Takes a version out of sight with the aliases that point to it; its number is never given again,
 * its files stay for the records. Throws not_found, conflict while it is served.
 */
export async function deleteVersion(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<void> {
  requirePermission(ctx, "models:write");
  const { model: ref, version: which } = versionRef.parse(input);
  const { workspaceId } = ctx;
  await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const version = await getVersionInWorkspace(tx, ctx, model, which);
    for (const guard of versionDeletionGuards) await guard(tx, ctx, version);
    await tx
      .update(modelVersions)
      .set({ deletedAt: ctx.now() })
      .where(and(eq(modelVersions.workspaceId, workspaceId), eq(modelVersions.id, version.id)));
    const aliases = await tx
      .delete(modelAliases)
      .where(and(eq(modelAliases.workspaceId, workspaceId), eq(modelAliases.versionId, version.id)))
      .returning({ alias: modelAliases.alias });
    for (const open of await openRequests(tx, ctx, version.id)) {
      const closeReason = "The version was deleted.";
      await closeApproval(tx, ctx, open, "expired", { closeReason });
    }
    await tx
      .update(models)
      .set({ updatedAt: ctx.now() })
      .where(and(eq(models.workspaceId, workspaceId), eq(models.id, model.id)));
    await recordAudit(tx, ctx, {
      action: "version.deleted",
      subjectType: "version",
      subjectId: version.id,
      before: {
        ...toVersionSummary(version, model.name),
        aliases: aliases.map(({ alias }) => alias),
      },
    });
    await emitEvent(tx, ctx, {
      name: "registry/version.deleted",
      data: { modelId: model.id, versionId: version.id },
    });
    await announceChange(tx, ctx, "registry", model.id);
  });
}
