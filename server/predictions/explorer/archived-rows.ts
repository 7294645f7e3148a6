import { and, eq, inArray } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, deploymentVariants, modelVersions, predictionOutcomes } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ArchiveRow } from "../archives/archive-table";
import type { LogRow } from "./log-rows";

/** Archived requests beside the names they point to and what came of them, as `selectLogs` gives them. */
export async function toLogRows(
  ctx: Pick<Context, "workspaceId" | "db">,
  rows: readonly ArchiveRow[],
): Promise<LogRow[]> {
  if (rows.length === 0) return [];
  return withWorkspace(ctx, async (tx) => {
    const names = await namesOf(tx, ctx.workspaceId, rows);
    return rows.map((row) => {
      const outcome = names.outcomes.get(row.request_id);
      return {
        log: toLog(ctx.workspaceId, row),
        inputs: parsed(row.inputs),
        outputs: parsed(row.outputs),
        deploymentName: names.deployments.get(row.deployment_id) ?? null,
        variantName: (row.variant_id && names.variants.get(row.variant_id)) || null,
        versionNumber: (row.version_id && names.versions.get(row.version_id)) || null,
        outcome: outcome?.outcome ?? null,
        outcomeAt: outcome?.at ?? null,
      };
    });
  });
}

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

const toLog = (workspaceId: string, row: ArchiveRow): LogRow["log"] => ({
  workspaceId,
  requestId: row.request_id,
  at: row.at,
  deploymentId: row.deployment_id,
  variantId: row.variant_id,
  versionId: row.version_id,
  status: row.status,
  rows: row.rows,
  lane: row.lane,
  unit: row.unit,
  inputs: null,
  outputs: null,
  confidence: row.confidence,
  error: row.error,
  latencyUs: row.latency_us,
  nodeUs: row.node_us,
  queueUs: row.queue_us,
  computeUs: row.compute_us,
  batchRows: row.batch_rows,
  isCached: row.is_cached ?? false,
  isPinned: row.is_pinned ?? false,
  traceId: row.trace_id,
});

/** The ids that occur, each once. */
const idsIn = (
  rows: readonly ArchiveRow[],
  column: "deployment_id" | "variant_id" | "version_id",
) => [...new Set(rows.map((row) => row[column]))].filter((id) => id !== null);

async function namesOf(tx: Transaction, workspaceId: string, rows: readonly ArchiveRow[]) {
  const d = deployments;
  const v = deploymentVariants;
  const m = modelVersions;
  const o = predictionOutcomes;
  const deploymentRows = await tx
    .select({ id: d.id, name: d.name })
    .from(d)
    .where(and(eq(d.workspaceId, workspaceId), inArray(d.id, idsIn(rows, "deployment_id"))));
  const variantRows = await tx
    .select({ id: v.id, name: v.name })
    .from(v)
    .where(and(eq(v.workspaceId, workspaceId), inArray(v.id, idsIn(rows, "variant_id"))));
  const versionRows = await tx
    .select({ id: m.id, number: m.number })
    .from(m)
    .where(and(eq(m.workspaceId, workspaceId), inArray(m.id, idsIn(rows, "version_id"))));
  const requestIds = rows.map((row) => row.request_id);
  const outcomeRows = await tx
    .select({ id: o.requestId, outcome: o.outcome, at: o.at })
    .from(o)
    .where(and(eq(o.workspaceId, workspaceId), inArray(o.requestId, requestIds)));
  return {
    deployments: new Map(deploymentRows.map(({ id, name }) => [id, name])),
    variants: new Map(variantRows.map(({ id, name }) => [id, name])),
    versions: new Map(versionRows.map(({ id, number }) => [id, number])),
    outcomes: new Map(outcomeRows.map((row) => [row.id, row])),
  };
}
