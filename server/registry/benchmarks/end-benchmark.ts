import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { benchmarks } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getModelInWorkspace } from "../internal";
import { isOver } from "./constants";
import { type BenchmarkRow, getBenchmarkInWorkspace, toBenchmarkDto } from "./internal";
import { type BenchmarkDto, benchmarkRef } from "./schemas";

/** Stops a benchmark; what was measured stays. Throws not_found, conflict when it is over. */
export async function cancelBenchmark(
  ctx: Context,
  input: z.input<typeof benchmarkRef>,
): Promise<BenchmarkDto> {
  requirePermission(ctx, "models:write");
  const { benchmark: id } = benchmarkRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const found = await getBenchmarkInWorkspace(tx, ctx, id);
    const model = await getModelInWorkspace(tx, ctx, found.modelId);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const row = await getBenchmarkInWorkspace(tx, ctx, id, true);
    if (isOver(row.status)) throw new AppError("conflict", `The benchmark is ${row.status}.`);
    return toBenchmarkDto(tx, ctx, await end(tx, ctx, row, { status: "cancelled", error: null }));
  });
}

/** Closes a benchmark whose versions were all run; one that was cancelled stays so. */
export async function finishBenchmark(ctx: Context, benchmarkId: string): Promise<void> {
  requirePermission(ctx, "models:write");
  await withWorkspace(ctx, async (tx) => {
    const row = await getBenchmarkInWorkspace(tx, ctx, benchmarkId, true);
    if (isOver(row.status)) return;
    const { results } = await toBenchmarkDto(tx, ctx, row);
    const isUseless = results.every(({ status }) => status === "failed");
    const status = isUseless ? "failed" : "completed";
    await end(tx, ctx, row, { status, error: isUseless ? "No version could be measured." : null });
  });
}

/** Closes a benchmark that cannot go on. */
export async function failBenchmark(
  ctx: Context,
  input: { benchmarkId: string; error: string },
): Promise<void> {
  requirePermission(ctx, "models:write");
  await withWorkspace(ctx, async (tx) => {
    const row = await getBenchmarkInWorkspace(tx, ctx, input.benchmarkId, true);
    if (isOver(row.status)) return;
    await end(tx, ctx, row, { status: "failed", error: input.error.slice(0, 1_000) });
  });
}

async function end(
  tx: Transaction,
  ctx: Context,
  row: BenchmarkRow,
  changes: { status: "completed" | "failed" | "cancelled"; error: string | null },
): Promise<BenchmarkRow> {
  const progress = changes.status === "completed" ? 1 : row.progress;
  const after = { ...row, ...changes, progress, finishedAt: ctx.now() };
  await tx
    .update(benchmarks)
    .set({ ...changes, progress, finishedAt: after.finishedAt })
    .where(and(eq(benchmarks.workspaceId, ctx.workspaceId), eq(benchmarks.id, row.id)));
  await recordAudit(tx, ctx, {
    action: `benchmark.${changes.status}`,
    subjectType: "benchmark",
    subjectId: row.id,
    before: { status: row.status },
    after: changes,
  });
  await announceChange(tx, ctx, "registry", row.modelId);
  return after;
}
