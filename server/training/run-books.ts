import type { Transaction } from "@/db/client";
import { createRunInTransaction, getRun, updateRun } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { TAGS } from "./constants";

/** Opens the run a job logs to, in the experiment that bears the model's name. */
export async function openRun(
  tx: Transaction,
  ctx: Context,
  what: { modelName: string; datasetName: string; algorithm: string; jobId: string },
): Promise<string> {
  const run = await createRunInTransaction(tx, ctx, {
    experimentName: what.modelName,
    tags: [
      { key: "modelyard.jobId", value: what.jobId },
      { key: "modelyard.model", value: what.modelName },
      { key: "modelyard.dataset", value: what.datasetName },
      { key: "modelyard.algorithm", value: what.algorithm },
    ],
  });
  return run.id;
}

/** Closes the run of a job that is over. Repeating it, or a run deleted meanwhile, is harmless. */
export async function endRun(
  ctx: Context,
  runId: string,
  status: "FAILED" | "KILLED" | "FINISHED",
): Promise<void> {
  try {
    const run = await getRun(ctx, { runId });
    if (run.status !== status) await updateRun(ctx, { runId, changes: { status } });
  } catch (error) {
    const gone = error instanceof AppError && ["not_found", "conflict"].includes(error.code);
    if (!gone) throw error;
  }
}

/** What the trainer told through its run: progress from 0 to 1, and why it failed. */
export async function readRunTags(
  ctx: Context,
  runId: string,
): Promise<{ progress: number | null; error: string | null }> {
  const run = await getRun(ctx, { runId });
  const tag = (key: string) => run.tags.find((one) => one.key === key)?.value;
  const progress = Number.parseFloat(tag(TAGS.progress) ?? "");
  return {
    progress: Number.isFinite(progress) ? Math.min(1, Math.max(0, progress)) : null,
    error: tag(TAGS.error) ?? null,
  };
}
