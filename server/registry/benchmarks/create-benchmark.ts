import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { benchmarkResults, benchmarks, modelVersionArtifacts } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { type DatasetRow, getDatasetInWorkspace } from "@/server/datasets";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError, invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { type Signature, signatureSchema } from "@/server/protocols/open-inference/codec";
import { getModelInWorkspace, getVersionInWorkspace, type VersionRow } from "../internal";
import { toBenchmarkDto } from "./internal";
import { missingColumns } from "./prepare-rows";
import { type BenchmarkDto, createBenchmarkInput } from "./schemas";

/**
 * Asks for versions to be measured on the rows of one dataset; the work is done in the background.
 * Throws not_found, conflict for a version without an ONNX file, validation_failed when the dataset
 * lacks a column.
 */
export async function createBenchmark(
  ctx: Context,
  input: z.input<typeof createBenchmarkInput>,
): Promise<BenchmarkDto> {
  requirePermission(ctx, "models:write");
  requirePermission(ctx, "datasets:read");
  const values = createBenchmarkInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, values.model, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const dataset = await getDatasetInWorkspace(tx, ctx, values.dataset);
    const versions = new Map<string, VersionRow>();
    for (const one of values.versions) {
      const version = await getVersionInWorkspace(tx, ctx, model, one);
      versions.set(version.id, version);
    }
    const signatures: Signature[] = [];
    for (const version of versions.values()) {
      signatures.push(await signatureOf(tx, ctx, version));
    }
    const target = values.target ?? signatures[0]?.target.name ?? "";
    requireColumns(dataset, signatures, target);
    const row = {
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      modelId: model.id,
      datasetId: dataset.id,
      datasetSha256: dataset.sha256,
      target,
      rowsMax: values.rowsMax,
      status: "queued",
      progress: 0,
      error: null,
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
      finishedAt: null,
    };
    await tx.insert(benchmarks).values(row);
    const { workspaceId, id: benchmarkId } = row;
    await tx.insert(benchmarkResults).values(
      [...versions.keys()].map((versionId) => ({
        workspaceId,
        benchmarkId,
        versionId,
        status: "pending",
      })),
    );
    await recordAudit(tx, ctx, {
      action: "benchmark.created",
      subjectType: "benchmark",
      subjectId: row.id,
      after: { modelId: model.id, datasetId: dataset.id, versionIds: [...versions.keys()], target },
    });
    await emitEvent(tx, ctx, {
      name: "registry/benchmark.requested",
      data: { benchmarkId: row.id, modelId: model.id },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toBenchmarkDto(tx, ctx, row);
  });
}

/** Throws conflict for a version no node can run. */
async function signatureOf(tx: Transaction, ctx: Context, version: VersionRow): Promise<Signature> {
  const [file] = await tx
    .select({ path: modelVersionArtifacts.path })
    .from(modelVersionArtifacts)
    .where(
      and(
        eq(modelVersionArtifacts.workspaceId, ctx.workspaceId),
        eq(modelVersionArtifacts.versionId, version.id),
        eq(modelVersionArtifacts.kind, "model"),
      ),
    );
  const { data } = signatureSchema.safeParse(version.signature);
  if (file && data) return data;
  throw new AppError(
    "conflict",
    `Version ${version.number} has no ONNX model with a signature, so it cannot be run.`,
  );
}

function requireColumns(
  dataset: DatasetRow,
  signatures: readonly Signature[],
  target: string,
): void {
  const columns = (dataset.columns as { name: string }[]).map(({ name }) => name);
  const missing = new Set(
    signatures.flatMap(({ features }) => missingColumns(columns, features, target)),
  );
  if (missing.size === 0) return;
  const names = [...missing].slice(0, 10).join(", ");
  const message = `${dataset.name} v${dataset.version} has no column ${names}.`;
  throw invalid(message, [{ path: "dataset", message }]);
}
