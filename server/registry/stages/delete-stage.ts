import { and, eq, inArray, isNull, or } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { approvals, models, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { OPEN_STATES } from "../approvals/constants";
import { loadStages, lockStages, requireStage, saveStages } from "./internal";
import { stageRef } from "./schemas";

/** Takes a stage away. Throws not_found, conflict while versions are in it or ask to enter. */
export async function deleteStage(ctx: Context, input: z.input<typeof stageRef>): Promise<void> {
  requirePermission(ctx, "stages:write");
  const { stage: key } = stageRef.parse(input);
  await withWorkspace(ctx, async (tx) => {
    await lockStages(tx, ctx, "exclusive");
    const all = await loadStages(tx, ctx);
    const before = requireStage(all, key);
    await requireUnused(tx, ctx, key);
    await saveStages(
      tx,
      ctx,
      all.filter((one) => one.key !== key),
    );
    await recordAudit(tx, ctx, {
      action: "stage.deleted",
      subjectType: "stage",
      subjectId: key,
      before,
    });
    await announceChange(tx, ctx, "registry", key);
  });
}

async function requireUnused(tx: Transaction, ctx: Context, key: string): Promise<void> {
  const [version] = await tx
    .select({ id: modelVersions.id })
    .from(modelVersions)
    .innerJoin(
      models,
      and(
        eq(models.workspaceId, modelVersions.workspaceId),
        eq(models.id, modelVersions.modelId),
        isNull(models.deletedAt),
      ),
    )
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        eq(modelVersions.stage, key),
        isNull(modelVersions.deletedAt),
      ),
    )
    .limit(1);
  if (version) {
    throw new AppError("conflict", "Versions are in this stage: move them to another one first.");
  }
  const [request] = await tx
    .select({ id: approvals.id })
    .from(approvals)
    .where(
      and(
        eq(approvals.workspaceId, ctx.workspaceId),
        or(eq(approvals.toStage, key), eq(approvals.fromStage, key)),
        inArray(approvals.state, [...OPEN_STATES]),
      ),
    )
    .limit(1);
  if (request) {
    throw new AppError("conflict", "A version asks to enter this stage: decide on that first.");
  }
}
