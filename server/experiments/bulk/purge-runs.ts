import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { RunRow } from "../internal";
import { isStillUsed } from "../still-used";
import { lockRunsInWorkspace } from "./lock-runs";
import { type ChangedRuns, runsInput } from "./schemas";

/**
 * Deletes archived runs for good, all or none, with metrics, tags and artifacts; bytes nothing else
 * stands for are collected later. Throws not_found, conflict for an active run and for one that a
 * model version or a training job came from.
 */
export async function purgeRuns(
  ctx: Context,
  input: z.input<typeof runsInput>,
): Promise<ChangedRuns> {
  requirePermission(ctx, "experiments:write");
  const { runIds } = runsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const rows = await lockRunsInWorkspace(tx, ctx, runIds);
    const active = rows.find((run) => !run.deletedAt);
    if (active) {
      throw new AppError(
        "conflict",
        `Archive the run ${active.name} first: only archived runs can be deleted for good.`,
      );
    }
    await deleteRows(tx, ctx, rows);
    for (const run of rows) {
      await recordAudit(tx, ctx, {
        action: "run.purged",
        subjectType: "run",
        subjectId: run.id,
        before: { name: run.name, status: run.status, experimentId: run.experimentId },
      });
    }
    const ids = rows.map((run) => run.id);
    await announceChange(tx, ctx, "experiments", ids[0] ?? "");
    return { runIds: ids };
  });
}

async function deleteRows(tx: Transaction, ctx: Context, rows: RunRow[]): Promise<void> {
  const ids = rows.map((run) => run.id);
  try {
    await tx.delete(runs).where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, ids)));
  } catch (error) {
    if (!isStillUsed(error)) throw error;
    throw new AppError(
      "conflict",
      "A model version or a training job came from one of these runs, so it stays as their lineage. Nothing was deleted.",
    );
  }
}
