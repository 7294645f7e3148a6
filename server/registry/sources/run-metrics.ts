import { and, asc, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runLatestMetrics } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { VersionDto } from "../schemas";

/** More of them say nothing about a version as a whole. */
const METRICS_MAX = 500;

/** What autologging puts before the name of a metric of held-out rows. */
const TEST = /^test[_/]/;

/**
 * The last metrics of the run a version came from, as gates and comparisons read them: those named
 * `test_…` under test without that word, all others under validation; null where not a number.
 */
export async function metricsOfRun(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  runId: string | null,
): Promise<VersionDto["metrics"]> {
  const metrics: VersionDto["metrics"] = { validation: {}, test: {} };
  if (!runId) return metrics;
  const rows = await tx
    .select({
      key: runLatestMetrics.key,
      value: runLatestMetrics.value,
      isNan: runLatestMetrics.isNan,
    })
    .from(runLatestMetrics)
    .where(
      and(eq(runLatestMetrics.workspaceId, ctx.workspaceId), eq(runLatestMetrics.runId, runId)),
    )
    .orderBy(asc(runLatestMetrics.key))
    .limit(METRICS_MAX);
  for (const { key, value, isNan } of rows) {
    const name = key.replace(TEST, "");
    const split = name !== key && name !== "" ? metrics.test : metrics.validation;
    split[split === metrics.test ? name : key] = isNan ? null : value;
  }
  return metrics;
}
