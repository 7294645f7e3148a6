import { and, desc, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import {
  benchmarkResults,
  benchmarks,
  modelAliases,
  modelVersionArtifacts,
  modelVersions,
  runLatestMetrics,
} from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { VersionRow } from "../internal";
import { type GateFacts, holderKey, type Measures } from "./evaluate-gates";
import type { Against, ComparingGate, Gate } from "./schemas";

type Tenant = Pick<Context, "workspaceId">;

/** What is read of every version that is compared. */
interface Wanted {
  runMetrics: readonly string[];
  datasetIds: readonly string[];
}

/** Reads what the rules look at: the version, and whoever holds the aliases and stages they name. */
export async function loadGateFacts(
  tx: Transaction,
  ctx: Tenant,
  version: VersionRow,
  gates: readonly Gate[],
): Promise<GateFacts> {
  const comparing = gates.filter(
    (gate): gate is ComparingGate => gate.type === "metric" || gate.type === "benchmark",
  );
  const wanted = {
    runMetrics: unique(
      comparing.flatMap((one) =>
        one.type === "metric" && one.source === "run" ? [one.metric] : [],
      ),
    ),
    datasetIds: unique(comparing.flatMap((one) => (one.type === "benchmark" ? [one.dataset] : []))),
  };
  const measuresOf = (row: VersionRow) => loadMeasures(tx, ctx, row, wanted);
  const holders: Record<string, { number: number; measures: Measures }> = {};
  for (const { against } of comparing) {
    if (against.kind === "constant" || holders[holderKey(against)]) continue;
    const holder = await holderOf(tx, ctx, version, against);
    if (!holder) continue;
    holders[holderKey(against)] = { number: holder.number, measures: await measuresOf(holder) };
  }
  return {
    measures: await measuresOf(version),
    parity: version.parity as GateFacts["parity"],
    artifacts: await artifactsOf(tx, ctx, version),
    dataset: { known: version.datasetId !== null, sha256: version.datasetSha256 },
    run: { known: version.runId !== null },
    semanticVersion: version.semanticVersion,
    holders,
  };
}

async function loadMeasures(
  tx: Transaction,
  ctx: Tenant,
  version: VersionRow,
  { runMetrics, datasetIds }: Wanted,
): Promise<Measures> {
  const { validation = {}, test = {} } = version.metrics as Partial<Measures>;
  const benchmarks = await loadBenchmarks(tx, ctx, version, datasetIds);
  if (!version.runId || runMetrics.length === 0) return { validation, test, run: {}, benchmarks };
  const rows = await tx
    .select({
      key: runLatestMetrics.key,
      value: runLatestMetrics.value,
      isNan: runLatestMetrics.isNan,
    })
    .from(runLatestMetrics)
    .where(
      and(
        eq(runLatestMetrics.workspaceId, ctx.workspaceId),
        eq(runLatestMetrics.runId, version.runId),
        inArray(runLatestMetrics.key, [...runMetrics]),
      ),
    );
  const run = Object.fromEntries(rows.map(({ key, value, isNan }) => [key, isNan ? null : value]));
  return { validation, test, run, benchmarks };
}

/** The newest finished benchmark on each dataset. */
async function loadBenchmarks(
  tx: Transaction,
  ctx: Tenant,
  version: VersionRow,
  datasetIds: readonly string[],
): Promise<Measures["benchmarks"]> {
  if (datasetIds.length === 0) return {};
  const rows = await tx
    .selectDistinctOn([benchmarks.datasetId], {
      datasetId: benchmarks.datasetId,
      metrics: benchmarkResults.metrics,
    })
    .from(benchmarkResults)
    .innerJoin(
      benchmarks,
      and(
        eq(benchmarks.workspaceId, benchmarkResults.workspaceId),
        eq(benchmarks.id, benchmarkResults.benchmarkId),
      ),
    )
    .where(
      and(
        eq(benchmarkResults.workspaceId, ctx.workspaceId),
        eq(benchmarkResults.versionId, version.id),
        eq(benchmarkResults.status, "completed"),
        inArray(benchmarks.datasetId, [...datasetIds]),
      ),
    )
    .orderBy(benchmarks.datasetId, desc(benchmarks.createdAt), desc(benchmarks.id));
  return Object.fromEntries(
    rows.map(({ datasetId, metrics }) => [datasetId, metrics as Record<string, number | null>]),
  );
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/**
 * Who holds an alias, the version itself not excepted, or is in a stage: of several the newest, the
 * version itself never.
 */
async function holderOf(
  tx: Transaction,
  ctx: Tenant,
  version: VersionRow,
  against: Exclude<Against, { kind: "constant" }>,
): Promise<VersionRow | undefined> {
  const aliased =
    against.kind === "alias"
      ? tx
          .select({ id: modelAliases.versionId })
          .from(modelAliases)
          .where(
            and(
              eq(modelAliases.workspaceId, ctx.workspaceId),
              eq(modelAliases.modelId, version.modelId),
              eq(sql`lower(${modelAliases.alias})`, against.alias.toLowerCase()),
            ),
          )
      : undefined;
  const [row] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        eq(modelVersions.modelId, version.modelId),
        isNull(modelVersions.deletedAt),
        aliased ? inArray(modelVersions.id, aliased) : undefined,
        against.kind === "stage" ? eq(modelVersions.stage, against.stage) : undefined,
        against.kind === "stage" ? ne(modelVersions.id, version.id) : undefined,
      ),
    )
    .orderBy(desc(modelVersions.number))
    .limit(1);
  return row;
}

const artifactsOf = (tx: Transaction, ctx: Tenant, version: VersionRow) =>
  tx
    .select({ kind: modelVersionArtifacts.kind, sizeBytes: modelVersionArtifacts.sizeBytes })
    .from(modelVersionArtifacts)
    .where(
      and(
        eq(modelVersionArtifacts.workspaceId, ctx.workspaceId),
        eq(modelVersionArtifacts.versionId, version.id),
      ),
    );
