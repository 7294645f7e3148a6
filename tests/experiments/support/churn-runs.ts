import { createExperiment, createRun, deleteRun, logBatch, updateRun } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";

/**
 * Runs r0 … r5 of a new experiment `churn`, and their ids; r5 is deleted, r3 logged NaN, r4 nothing
 * but a tag.
 */
export async function makeChurnRuns(ctx: Context): Promise<string[]> {
  const ids: string[] = [];
  await createExperiment(ctx, { name: "churn" });
  const metrics = [[0.5, 0.9, 0.7], [0.2, 0.3], [0.8, 0.1], [Number.NaN], [], [0.99]];
  for (const [at, values] of metrics.entries()) {
    const { id } = await createRun(ctx, {
      experimentName: "churn",
      name: `r${at}`,
      startTime: 1_700_000_000_000 + at,
    });
    ids.push(id);
    await logBatch(ctx, {
      runId: id,
      metrics: values.map((value, step) => ({ key: "auc", value, step, timestamp: 1 })),
      params: at < 4 ? [{ key: "depth", value: String(at % 2) }] : [],
      tags: [{ key: "team name", value: at < 2 ? "risk" : "growth" }],
    });
  }
  await updateRun(ctx, { runId: ids[0] ?? "", changes: { status: "FINISHED" } });
  await deleteRun(ctx, { runId: ids[5] ?? "" });
  return ids;
}
