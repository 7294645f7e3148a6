import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import {
  deployments,
  deploymentVariants,
  modelVersions,
  predictionLogs,
  predictionOutcomes,
} from "@/db/schema";
import type { PredictionLogDto } from "./schemas";

/** Rows of one request that a list shows; all of them are read one request at a time. */
export const ROWS_SHOWN = 20;

const l = predictionLogs;
const o = predictionOutcomes;

const first = (column: SQL, path: SQL): SQL =>
  sql`case when ${l.rows} > ${ROWS_SHOWN} then ${column} else ${path} end`;

/** Lists of many rows are cut in the database: a page would hold megabytes. */
const SHORT = {
  inputs: first(
    sql`jsonb_path_query_array(${l.inputs}::jsonb, '$[0 to 19]')::json`,
    sql`${l.inputs}`,
  ),
  outputs: first(
    sql`(select json_object_agg(key, case jsonb_typeof(value) when 'array'
      then jsonb_path_query_array(value, '$[0 to 19]') else value end) from jsonb_each(${l.outputs}::jsonb))`,
    sql`${l.outputs}`,
  ),
};

/** Log rows beside the names they point to and what came of them. */
export function selectLogs(tx: Transaction, detail: "short" | "full") {
  const inputs = detail === "full" ? sql`${l.inputs}` : SHORT.inputs;
  const outputs = detail === "full" ? sql`${l.outputs}` : SHORT.outputs;
  return tx
    .select({
      log: l,
      inputs: inputs.as("inputs_shown"),
      outputs: outputs.as("outputs_shown"),
      deploymentName: deployments.name,
      variantName: deploymentVariants.name,
      versionNumber: modelVersions.number,
      outcome: o.outcome,
      outcomeAt: o.at,
    })
    .from(l)
    .leftJoin(
      deployments,
      and(eq(deployments.workspaceId, l.workspaceId), eq(deployments.id, l.deploymentId)),
    )
    .leftJoin(
      deploymentVariants,
      and(
        eq(deploymentVariants.workspaceId, l.workspaceId),
        eq(deploymentVariants.id, l.variantId),
      ),
    )
    .leftJoin(
      modelVersions,
      and(eq(modelVersions.workspaceId, l.workspaceId), eq(modelVersions.id, l.versionId)),
    )
    .leftJoin(o, and(eq(o.workspaceId, l.workspaceId), eq(o.requestId, l.requestId)))
    .$dynamic();
}

export type LogRow = Awaited<ReturnType<typeof selectLogs>>[number];

const milliseconds = (us: number | null): number | null => (us === null ? null : us / 1000);

export const toDto = ({ log, outcome, outcomeAt, ...row }: LogRow): PredictionLogDto => ({
  requestId: log.requestId,
  at: log.at.toISOString(),
  deploymentId: log.deploymentId,
  deploymentName: row.deploymentName,
  variantId: log.variantId,
  variantName: row.variantName,
  versionId: log.versionId,
  versionNumber: row.versionNumber,
  status: log.status,
  rows: log.rows,
  lane: log.lane as PredictionLogDto["lane"],
  unit: log.unit,
  inputs: row.inputs,
  outputs: row.outputs,
  confidence: log.confidence,
  error: log.error,
  latencyMs: log.latencyUs / 1000,
  nodeMs: milliseconds(log.nodeUs),
  queueMs: milliseconds(log.queueUs),
  computeMs: milliseconds(log.computeUs),
  batchRows: log.batchRows,
  isCached: log.isCached,
  isPinned: log.isPinned,
  traceId: log.traceId,
  outcome: (outcome as unknown[] | null) ?? null,
  outcomeAt: outcomeAt?.toISOString() ?? null,
});
