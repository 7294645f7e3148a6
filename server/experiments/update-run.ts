import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs, runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { ENDED_STATUSES, RUN_NAME_TAG, type RunStatus } from "./constants";
import { getRunInWorkspace, type RunRow } from "./internal";
import { readRun } from "./run-data";
import { type RunDto, updateRunInput } from "./schemas";

/**
 * Sets status, end time, name. A run that ends without a time ends now; one that runs again has no
 * end. Throws not_found, conflict for a deleted run.
 */
export async function updateRun(
  ctx: Context,
  input: { runId: string; changes: z.input<typeof updateRunInput> },
): Promise<RunDto> {
  requirePermission(ctx, "experiments:write");
  const changes = updateRunInput.parse(input.changes);
  return withWorkspace(ctx, async (tx) => {
    const before = await getRunInWorkspace(tx, ctx, input.runId, { lock: true, active: true });
    const after = {
      name: changes.name || before.name,
      status: changes.status ?? before.status,
      endTime: endTimeOf(ctx, before, changes),
    };
    await tx
      .update(runs)
      .set(after)
      .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, before.id)));
    if (changes.name) await writeNameTag(tx, before, changes.name);
    await recordAudit(tx, ctx, {
      action: "run.updated",
      subjectType: "run",
      subjectId: before.id,
      before: { name: before.name, status: before.status, endTime: before.endTime },
      after,
    });
    await announceChange(tx, ctx, "experiments", before.id);
    return readRun(tx, ctx, before.id);
  });
}

function endTimeOf(
  ctx: Context,
  before: RunRow,
  changes: { status?: RunStatus | undefined; endTime?: number | undefined },
): number | null {
  if (changes.endTime !== undefined) return changes.endTime;
  if (!changes.status) return before.endTime;
  return ENDED_STATUSES.has(changes.status) ? (before.endTime ?? ctx.now().getTime()) : null;
}

async function writeNameTag(tx: Transaction, run: RunRow, name: string): Promise<void> {
  await tx
    .insert(runTags)
    .values({ workspaceId: run.workspaceId, runId: run.id, key: RUN_NAME_TAG, value: name })
    .onConflictDoUpdate({
      target: [runTags.workspaceId, runTags.runId, runTags.key],
      set: { value: name },
    });
}
