import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { benchmarkResults, benchmarks, modelVersionArtifacts, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { readDatasetRows } from "@/server/datasets";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import type { NodeModel } from "@/server/kernel/ports";
import { NodeRejected } from "@/server/node/client";
import { ProtocolError, signatureSchema } from "@/server/protocols/open-inference/codec";
import { formatOf } from "../model-format";
import { isOver } from "./constants";
import { getBenchmarkInWorkspace } from "./internal";
import { predictRows, type RunOutcome } from "./predict-rows";
import { prepareRows } from "./prepare-rows";

export interface VersionRun {
  benchmarkId: string;
  versionId: string;
  /** Its place among the versions of the benchmark, and how many there are. */
  index: number;
  count: number;
}

/**
 * Measures one version of a benchmark and keeps what it reached; a version the node refuses fails
 * alone. Repeating it measures again and writes the same. Answers false when the benchmark is over.
 * not audited: the benchmark's beginning and end are; this is progress.
 */
export async function runBenchmarkVersion(ctx: Context, run: VersionRun): Promise<boolean> {
  requirePermission(ctx, "models:write");
  const { nodes } = ctx.ports;
  if (!nodes) throw new AppError("unavailable", "This process reaches no inference node.");
  const benchmark = await advance(ctx, run, 0);
  if (!benchmark) return false;
  const model = await loadModel(ctx, run.versionId);
  try {
    const signature = signatureSchema.parse(model.signature);
    const table = await readDatasetRows(ctx, benchmark);
    const samples = prepareRows(table, signature, benchmark.target);
    // Loading says why a node refuses a model; running says only that it does.
    await nodes.load(model, 1);
    const outcome = await predictRows(nodes, model, signature, samples, async (share) =>
      Boolean(await advance(ctx, run, share)),
    );
    if (!outcome) return false;
    await keep(ctx, run, outcome);
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === undefined) throw error;
    await keep(ctx, run, reason);
  }
  return true;
}

/** Why a version will fail again however often it is tried; undefined for what may pass. */
function refusalOf(error: unknown): string | undefined {
  const isLasting =
    error instanceof NodeRejected ||
    error instanceof ProtocolError ||
    (error instanceof AppError && error.code !== "unavailable");
  return isLasting ? error.message.slice(0, 500) : undefined;
}

/** Notes how far the benchmark is; undefined when it is over. */
async function advance(ctx: Context, { benchmarkId, index, count }: VersionRun, share: number) {
  return withWorkspace(ctx, async (tx) => {
    const row = await getBenchmarkInWorkspace(tx, ctx, benchmarkId, true);
    if (isOver(row.status)) return undefined;
    const progress = Math.max(row.progress, (index + share) / count);
    await tx
      .update(benchmarks)
      .set({ status: "running", progress })
      .where(and(eq(benchmarks.workspaceId, ctx.workspaceId), eq(benchmarks.id, benchmarkId)));
    await announceChange(tx, ctx, "registry", row.modelId);
    return row;
  });
}

async function loadModel(ctx: Context, versionId: string): Promise<NodeModel> {
  const [row] = await withWorkspace(ctx, (tx) =>
    tx
      .select({
        workspaceId: modelVersions.workspaceId,
        versionId: modelVersions.id,
        signature: modelVersions.signature,
        path: modelVersionArtifacts.path,
        sha256: modelVersionArtifacts.sha256,
        sizeBytes: modelVersionArtifacts.sizeBytes,
      })
      .from(modelVersions)
      .innerJoin(
        modelVersionArtifacts,
        and(
          eq(modelVersionArtifacts.workspaceId, modelVersions.workspaceId),
          eq(modelVersionArtifacts.versionId, modelVersions.id),
          eq(modelVersionArtifacts.kind, "model"),
        ),
      )
      .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId))),
  );
  if (!row) throw notFound("The version's ONNX file");
  const { path, ...model } = row;
  return { ...model, format: formatOf(path) };
}

/** An outcome, or the reason there is none. */
async function keep(ctx: Context, run: VersionRun, outcome: RunOutcome | string): Promise<void> {
  const values =
    typeof outcome === "string"
      ? { status: "failed", error: outcome }
      : { status: "completed", error: null, ...outcome };
  await withWorkspace(ctx, (tx) =>
    tx
      .update(benchmarkResults)
      .set(values)
      .where(
        and(
          eq(benchmarkResults.workspaceId, ctx.workspaceId),
          eq(benchmarkResults.benchmarkId, run.benchmarkId),
          eq(benchmarkResults.versionId, run.versionId),
        ),
      ),
  );
}
