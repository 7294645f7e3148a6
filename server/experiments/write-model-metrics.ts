import type { Transaction } from "@/db/client";
import { loggedModelMetrics } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ExactInt } from "@/server/kernel/exact-int";
import { parseLoggedModelId, requireLoggedModels } from "./logged-model-internal";
import { toStoredPoint } from "./metric-points";

interface ModelMetric {
  key: string;
  value: number;
  timestamp: ExactInt;
  step: ExactInt;
  modelId: string;
  datasetName: string;
  datasetDigest: string;
}

/** Notes points of a run for the models they measure; each once. Throws not_found for a model. */
export async function writeModelMetrics(
  tx: Transaction,
  ctx: Context,
  runId: string,
  metrics: ModelMetric[],
): Promise<void> {
  await requireLoggedModels(
    tx,
    ctx,
    metrics.map((metric) => metric.modelId),
  );
  const rows = metrics.map(({ modelId, datasetName, datasetDigest, ...metric }) => ({
    ...toStoredPoint(metric),
    workspaceId: ctx.workspaceId,
    modelId: parseLoggedModelId(modelId),
    runId,
    datasetName,
    datasetDigest,
  }));
  // One order for all writers, so that two of them never wait for each other in a circle.
  const place = (row: (typeof rows)[number]) =>
    `${row.modelId} ${row.key} ${row.datasetName} ${row.datasetDigest} ${row.step} ${row.timestamp} ${row.value}`;
  await tx
    .insert(loggedModelMetrics)
    .values(rows.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)))
    .onConflictDoNothing();
}
