import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { loggedModelMetrics } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { LoggedModelMetricDto } from "./logged-model-schemas";
import { type MetricPoint, toMetricDto } from "./metric-points";

/** A model shows its newest points, so many at most. */
const SHOWN_POINTS = 1000;

type Row = MetricPoint & {
  modelId: string;
  runId: string;
  datasetName: string;
  datasetDigest: string;
};

/** The newest points of each model, by key and then as they were logged. */
export async function readModelMetrics(
  tx: Transaction,
  ctx: Context,
  modelIds: string[],
): Promise<Map<string, LoggedModelMetricDto[]>> {
  if (modelIds.length === 0) return new Map();
  const newest = tx
    .select({
      modelId: loggedModelMetrics.modelId,
      runId: loggedModelMetrics.runId,
      key: loggedModelMetrics.key,
      timestamp: loggedModelMetrics.timestamp,
      step: loggedModelMetrics.step,
      value: loggedModelMetrics.value,
      isNan: loggedModelMetrics.isNan,
      datasetName: loggedModelMetrics.datasetName,
      datasetDigest: loggedModelMetrics.datasetDigest,
    })
    .from(loggedModelMetrics)
    .where(
      sql`${loggedModelMetrics.workspaceId} = ${ctx.workspaceId} and ${loggedModelMetrics.modelId} = id.model_id`,
    )
    .orderBy(sql`${loggedModelMetrics.timestamp} desc, ${loggedModelMetrics.step} desc`)
    .limit(SHOWN_POINTS)
    .as("newest");
  const rows: Row[] = await tx
    .select({
      modelId: newest.modelId,
      runId: newest.runId,
      key: newest.key,
      timestamp: newest.timestamp,
      step: newest.step,
      value: newest.value,
      isNan: newest.isNan,
      datasetName: newest.datasetName,
      datasetDigest: newest.datasetDigest,
    })
    .from(sql`unnest(${sql.param(modelIds)}::uuid[]) as id(model_id)`)
    .innerJoinLateral(newest, sql`true`)
    .orderBy(newest.key, newest.step, newest.timestamp, newest.value);
  const byModel = Map.groupBy(rows, (row) => row.modelId);
  return new Map([...byModel].map(([id, list]) => [id, list.map(toDto)]));
}

const toDto = ({ runId, datasetName, datasetDigest, ...point }: Row): LoggedModelMetricDto => ({
  ...toMetricDto(point),
  runId,
  datasetName,
  datasetDigest,
});
