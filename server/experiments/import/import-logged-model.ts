import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { loggedModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { LIMITS, LOGGED_MODEL_STATUSES } from "../constants";
import { toRecord } from "../create-logged-model";
import { getExperimentInWorkspace, parseRunId, refuseRunKey } from "../internal";
import { getLoggedModelInWorkspace, parseLoggedModelId } from "../logged-model-internal";
import { paramEntry, runId, storedText, tagEntry, timeMs } from "../schemas";
import type { RunImportState } from "./import-run";

/** As of runs: the model is not whole while it has this tag. */
const PENDING_TAG = "modelyard.importPending";

const beginInput = z.object({
  id: z.string(),
  experimentId: z.uuid(),
  sourceRunId: runId.nullable(),
  name: storedText(LIMITS.experimentName),
  modelType: storedText(LIMITS.key),
  params: z.array(paramEntry),
  tags: z.array(tagEntry),
  createdAtMs: timeMs,
});

/** Makes the logged model of another server under its id, pending until it is finished. Throws conflict as of runs. */
export async function beginLoggedModelImport(
  ctx: Context,
  input: z.input<typeof beginInput>,
): Promise<RunImportState> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const values = beginInput.parse(input);
  const id = parseLoggedModelId(values.id);
  return withWorkspace(ctx, async (tx) => {
    await getExperimentInWorkspace(tx, ctx, values.experimentId);
    const made = await tx
      .insert(loggedModels)
      .values({
        workspaceId: ctx.workspaceId,
        id,
        experimentId: values.experimentId,
        sourceRunId: values.sourceRunId ? parseRunId(values.sourceRunId) : null,
        name: values.name,
        modelType: values.modelType,
        status: "LOGGED_MODEL_PENDING",
        params: toRecord(values.params),
        tags: { ...toRecord(values.tags), [PENDING_TAG]: "true" },
        createdAt: new Date(values.createdAtMs),
        updatedAt: ctx.now(),
      })
      .onConflictDoNothing()
      .returning({ id: loggedModels.id });
    if (made.length > 0) return "copy";
    const row = await getLoggedModelInWorkspace(tx, ctx, id);
    if (row.experimentId !== values.experimentId) {
      throw new AppError("conflict", "A logged model of this id is in another experiment here.");
    }
    return PENDING_TAG in (row.tags as Record<string, string>) ? "copy" : "whole";
  });
}

const finishInput = z.object({
  id: z.string(),
  status: z.enum(LOGGED_MODEL_STATUSES),
  updatedAtMs: timeMs,
  from: z.string().max(5000),
});

/** Gives the model its status after its files and metrics are here. Throws not_found. */
export async function finishLoggedModelImport(
  ctx: Context,
  input: z.input<typeof finishInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { id, status, updatedAtMs, from } = finishInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const before = await getLoggedModelInWorkspace(tx, ctx, id, { lock: true });
    const { [PENDING_TAG]: _pending, ...tags } = before.tags as Record<string, string>;
    await tx
      .update(loggedModels)
      .set({ status, tags, updatedAt: new Date(updatedAtMs) })
      .where(and(eq(loggedModels.workspaceId, ctx.workspaceId), eq(loggedModels.id, before.id)));
    await recordAudit(tx, ctx, {
      action: "logged_model.imported",
      subjectType: "logged_model",
      subjectId: before.id,
      after: { name: before.name, status, from, experimentId: before.experimentId },
    });
    await announceChange(tx, ctx, "experiments", before.sourceRunId ?? before.experimentId);
  });
}
