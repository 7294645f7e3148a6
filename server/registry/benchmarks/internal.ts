import { and, asc, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { benchmarkResults, benchmarks, datasets, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { METRIC_DEFINITIONS } from "./constants";
import type { BenchmarkDto } from "./schemas";

export type BenchmarkRow = typeof benchmarks.$inferSelect;
type Tenant = Pick<Context, "workspaceId">;

/** Loads a benchmark, locked when it is to be changed. Throws not_found. */
export async function getBenchmarkInWorkspace(
  tx: Transaction,
  ctx: Tenant,
  id: string,
  lock = false,
): Promise<BenchmarkRow> {
  const query = tx
    .select()
    .from(benchmarks)
    .where(and(eq(benchmarks.workspaceId, ctx.workspaceId), eq(benchmarks.id, id)));
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The benchmark");
  return row;
}

const resultsOf = (tx: Transaction, ctx: Tenant, ids: readonly string[]) =>
  tx
    .select({
      benchmarkId: benchmarkResults.benchmarkId,
      versionId: benchmarkResults.versionId,
      versionNumber: modelVersions.number,
      status: benchmarkResults.status,
      rows: benchmarkResults.rows,
      metrics: benchmarkResults.metrics,
      durationMs: benchmarkResults.durationMs,
      error: benchmarkResults.error,
    })
    .from(benchmarkResults)
    .innerJoin(
      modelVersions,
      and(
        eq(modelVersions.workspaceId, benchmarkResults.workspaceId),
        eq(modelVersions.id, benchmarkResults.versionId),
      ),
    )
    .where(
      and(
        eq(benchmarkResults.workspaceId, ctx.workspaceId),
        inArray(benchmarkResults.benchmarkId, [...ids]),
      ),
    )
    .orderBy(asc(modelVersions.number));

/** Benchmarks with their results, read a kind at a time. */
export async function toBenchmarkDtos(
  tx: Transaction,
  ctx: Tenant,
  rows: readonly BenchmarkRow[],
): Promise<BenchmarkDto[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const results = await resultsOf(tx, ctx, ids);
  const named = await tx
    .select({ id: datasets.id, name: datasets.name, version: datasets.version })
    .from(datasets)
    .where(
      and(
        eq(datasets.workspaceId, ctx.workspaceId),
        inArray(
          datasets.id,
          rows.map(({ datasetId }) => datasetId),
        ),
      ),
    );
  const byId = new Map(named.map((one) => [one.id, one]));
  return rows.map(({ workspaceId: _workspaceId, datasetSha256: _sha256, ...row }) => {
    const own = results.filter(({ benchmarkId }) => benchmarkId === row.id);
    return {
      ...row,
      datasetName: byId.get(row.datasetId)?.name ?? "",
      datasetVersion: byId.get(row.datasetId)?.version ?? 0,
      status: row.status as BenchmarkDto["status"],
      results: own.map(({ benchmarkId: _id, ...one }) => ({
        ...one,
        status: one.status as BenchmarkDto["results"][number]["status"],
        metrics: one.metrics as Record<string, number | null>,
      })),
      definitions: definitionsOf(own.map(({ metrics }) => metrics as object)),
      createdAt: row.createdAt.toISOString(),
      finishedAt: row.finishedAt?.toISOString() ?? null,
    };
  });
}

function definitionsOf(measured: readonly object[]): BenchmarkDto["definitions"] {
  const names = new Set(measured.flatMap((metrics) => Object.keys(metrics)));
  return Object.fromEntries(Object.entries(METRIC_DEFINITIONS).filter(([name]) => names.has(name)));
}

/** One benchmark as the API shows it. */
export async function toBenchmarkDto(
  tx: Transaction,
  ctx: Tenant,
  row: BenchmarkRow,
): Promise<BenchmarkDto> {
  const [dto] = await toBenchmarkDtos(tx, ctx, [row]);
  if (!dto) throw new Error("a benchmark became nothing");
  return dto;
}
