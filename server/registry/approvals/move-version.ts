import { and, eq, isNull, ne } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import type { VersionRow } from "../internal";
import type { Stage } from "../stages/schemas";
import { archiveStage } from "../stages/stage-rules";
import { closeApproval } from "./close-approval";
import { openRequests } from "./internal";

export interface Move {
  version: VersionRow;
  to: Stage;
  stages: readonly Stage[];
  /** Whether the holders of the stage are archived; null: as the stage says. */
  archivePrevious: boolean | null;
  /** The request that allowed it; null when none was needed. */
  approvalId: string | null;
}

/**
 * Puts a version into a stage and its holders into the archive, each with its own audit row and
 * event. The caller holds the lock of the model and has seen that the move is allowed.
 */
export async function moveVersion(tx: Transaction, ctx: Context, move: Move): Promise<VersionRow> {
  const { version, to, approvalId } = move;
  const archive = archiveStage(move.stages);
  if (archive && archive.key !== to.key && (move.archivePrevious ?? to.archivesPrevious)) {
    const holders = await tx
      .select()
      .from(modelVersions)
      .where(
        and(
          eq(modelVersions.workspaceId, ctx.workspaceId),
          eq(modelVersions.modelId, version.modelId),
          eq(modelVersions.stage, to.key),
          ne(modelVersions.id, version.id),
          isNull(modelVersions.deletedAt),
        ),
      );
    for (const holder of holders) {
      await change(tx, ctx, holder, archive.key, { approvalId, replacedBy: version.id });
    }
  }
  await change(tx, ctx, version, to.key, { approvalId });
  await tx
    .update(models)
    .set({ updatedAt: ctx.now() })
    .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, version.modelId)));
  await announceChange(tx, ctx, "registry", version.modelId);
  return { ...version, stage: to.key, updatedAt: ctx.now() };
}

async function change(
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
  stage: string,
  why: { approvalId: string | null; replacedBy?: string },
): Promise<void> {
  await tx
    .update(modelVersions)
    .set({ stage, updatedAt: ctx.now() })
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, version.id)));
  await recordAudit(tx, ctx, {
    action: "version.stage_changed",
    subjectType: "version",
    subjectId: version.id,
    before: { stage: version.stage },
    after: { stage, ...why },
  });
  await emitEvent(tx, ctx, {
    name: "registry/version.stage_changed",
    data: { modelId: version.modelId, versionId: version.id, from: version.stage, to: stage },
  });
  for (const open of await openRequests(tx, ctx, version.id)) {
    if (open.id === why.approvalId) continue;
    await closeApproval(tx, ctx, open, "expired", {
      closeReason: `The version moved to ${stage} meanwhile.`,
    });
  }
}
