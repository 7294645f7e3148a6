import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission, requireRunInScope } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { announceRun } from "./announce-run";
import { appendMetrics } from "./append-metrics";
import { RUN_NAME_TAG } from "./constants";
import { getRunInWorkspace, parseRunId } from "./internal";
import { countPoints } from "./keep-rollup";
import { type MetricPoint, toStoredPoint } from "./metric-points";
import { type Entry, logBatchInput } from "./schemas";
import { type Target, writeEntries } from "./write-entries";
import { writeMetrics } from "./write-metrics";
import { writeModelMetrics } from "./write-model-metrics";

/**
 * Appends metrics, parameters and tags, all or nothing. Sending a batch again changes nothing. A
 * parameter is written once: another value throws conflict. Throws not_found for the run or a model,
 * conflict for a deleted run. not audited: it only appends.
 */
export async function logBatch(ctx: Context, input: z.input<typeof logBatchInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const batch = logBatchInput.parse(input);
  const runId = parseRunId(batch.runId);
  requireRunInScope(ctx, runId);
  const points = batch.metrics.map(toStoredPoint);
  const params = distinctParams(batch.params);
  const tags = byKey([...new Map(batch.tags.map((tag) => [tag.key, tag])).values()]);
  const { modelMetrics } = batch;
  // Before the points, so that an unknown model refuses the whole batch.
  if (modelMetrics.length > 0) {
    await withWorkspace(ctx, async (tx) => {
      const run = await getRunInWorkspace(tx, ctx, runId, { active: true });
      await writeModelMetrics(tx, ctx, run.id, modelMetrics);
    });
  }
  const hasEntries = params.length > 0 || tags.length > 0;
  const written = hasEntries
    ? await writeTogether(ctx, runId, { points, params, tags })
    : await appendMetrics(ctx, runId, points);
  // Loading says which it is: no such run, or a deleted one.
  if (!written) {
    await withWorkspace(ctx, (tx) => getRunInWorkspace(tx, ctx, runId, { active: true }));
  }
  countPoints({ db: ctx.db, workspaceId: ctx.workspaceId, runId }, points);
  announceRun(ctx, runId);
}

/** One transaction of its own, because a parameter may be refused. False: no such active run. */
function writeTogether(
  ctx: Context,
  runId: string,
  { points, params, tags }: { points: MetricPoint[]; params: Entry[]; tags: Entry[] },
): Promise<boolean> {
  const { workspaceId } = ctx;
  return withWorkspace(ctx, async (tx) => {
    const target = { workspaceId, runId };
    const written = await writeEntries(tx, target, { params, tags });
    if (written.runs === 0) return false;
    refuseChangedParams(runId, params, written.params ?? []);
    if (points.length > 0) await writeMetrics(tx, workspaceId, new Map([[runId, points]]));
    const name = tags.find((tag) => tag.key === RUN_NAME_TAG)?.value;
    if (name) await rename(tx, target, name);
    return true;
  });
}

const byKey = (entries: Entry[]): Entry[] =>
  entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

function distinctParams(params: Entry[]): Entry[] {
  const sorted = byKey(params);
  const repeated = sorted.filter((param, at) => param.key === sorted[at - 1]?.key);
  if (repeated.length === 0) return sorted;
  const keys = [...new Set(repeated.map((param) => `'${param.key}'`))].join(", ");
  throw invalid(
    `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
  );
}

/** Rows that came back with another value than was sent were there before. */
function refuseChangedParams(runId: string, sent: Entry[], returned: Entry[]): void {
  const values = new Map(sent.map((param) => [param.key, param.value]));
  const changed = returned.filter((row) => values.get(row.key) !== row.value);
  const [first] = changed;
  if (!first) return;
  const id = runId.replaceAll("-", "");
  const message =
    sent.length === 1
      ? `Changing param values is not allowed. Param with key='${first.key}' was already logged with value='${first.value}' for run ID='${id}'. Attempted logging new value '${values.get(first.key)}'.`
      : `Changing param values is not allowed. Params were already logged='${JSON.stringify(
          changed.map((row) => ({
            key: row.key,
            old_value: row.value,
            new_value: values.get(row.key),
          })),
        )}' for run ID='${id}'.`;
  throw new AppError("conflict", message, {
    issues: changed.map((row) => ({ path: row.key, message: "was logged with another value" })),
  });
}

async function rename(tx: Transaction, target: Target, name: string): Promise<void> {
  await tx
    .update(runs)
    .set({ name: name.slice(0, 500) })
    .where(and(eq(runs.workspaceId, target.workspaceId), eq(runs.id, target.runId)));
}
