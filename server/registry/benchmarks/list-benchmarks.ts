import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { benchmarks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getModelInWorkspace } from "../internal";
import { getBenchmarkInWorkspace, toBenchmarkDto, toBenchmarkDtos } from "./internal";
import { type BenchmarkDto, benchmarkRef, listBenchmarksInput } from "./schemas";

/** A model's benchmarks, newest first. Throws not_found. */
export async function listBenchmarks(
  ctx: Context,
  input: z.input<typeof listBenchmarksInput>,
): Promise<Page<BenchmarkDto>> {
  requirePermission(ctx, "models:read");
  const query = listBenchmarksInput.parse(input);
  const page = keyset(byDate(benchmarks.createdAt), benchmarks.id, query);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, query.model);
    const rows = await tx
      .select()
      .from(benchmarks)
      .where(
        and(
          eq(benchmarks.workspaceId, ctx.workspaceId),
          eq(benchmarks.modelId, model.id),
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(
      rows,
      query.limit,
      (row) => [row.createdAt.toISOString(), row.id],
      (row) => row,
    );
    return { items: await toBenchmarkDtos(tx, ctx, items), nextCursor };
  });
}

/** One benchmark with what its versions reached so far. Throws not_found. */
export async function getBenchmark(
  ctx: Context,
  input: z.input<typeof benchmarkRef>,
): Promise<BenchmarkDto> {
  requirePermission(ctx, "models:read");
  const { benchmark } = benchmarkRef.parse(input);
  return withWorkspace(ctx, async (tx) =>
    toBenchmarkDto(tx, ctx, await getBenchmarkInWorkspace(tx, ctx, benchmark)),
  );
}
