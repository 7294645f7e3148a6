import { and, eq, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission, requireRunInScope } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { announceRun } from "./announce-run";
import { RUN_NAME_TAG } from "./constants";
import { getRunInWorkspace, parseRunId } from "./internal";
import { type MetricPoint, preparePoints, toStoredPoint } from "./metric-points";
import { type Entry, logBatchInput } from "./schemas";

/**
 * Appends metrics, parameters and tags, all or nothing, in one statement. Sending a batch again
 * changes nothing. A parameter is written once: another value throws conflict. Throws not_found,
 * conflict for a deleted run. Append-only data: not audited.
 */
export async function logBatch(ctx: Context, input: z.input<typeof logBatchInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const batch = logBatchInput.parse(input);
  const runId = parseRunId(batch.runId);
  requireRunInScope(ctx, runId);
  const params = distinctParams(batch.params);
  const tags = byKey([...new Map(batch.tags.map((tag) => [tag.key, tag])).values()]);
  const { points, latest } = preparePoints(batch.metrics.map(toStoredPoint));
  await withWorkspace(ctx, async (tx) => {
    const target = { workspaceId: ctx.workspaceId, runId };
    const written = await writeBatch(tx, target, { points, latest, params, tags });
    // Loading says which it is: no such run, or a deleted one.
    if (written.runs === 0) await getRunInWorkspace(tx, ctx, runId, { active: true });
    refuseChangedParams(runId, params, written.params ?? []);
    const name = tags.find((tag) => tag.key === RUN_NAME_TAG)?.value;
    if (name) await rename(tx, target, name);
  });
  announceRun(ctx, runId);
}

interface Target {
  workspaceId: string;
  runId: string;
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

interface Batch {
  points: MetricPoint[];
  latest: MetricPoint[];
  params: Entry[];
  tags: Entry[];
}

/** Everything in one round trip; parts without rows are left out. `runs` is 0 when none takes them. */
async function writeBatch(
  tx: Transaction,
  { workspaceId, runId }: Target,
  batch: Batch,
): Promise<{ runs: number; params: Entry[] | null }> {
  const parts: SQL[] = [
    sql`target as (select workspace_id, id from runs
      where workspace_id = ${workspaceId} and id = ${runId} and deleted_at is null for key share)`,
  ];
  if (batch.points.length > 0) parts.push(metricsPart(batch.points), latestPart(batch.latest));
  if (batch.params.length > 0) parts.push(paramsPart(batch.params));
  if (batch.tags.length > 0) parts.push(tagsPart(batch.tags));
  const params =
    batch.params.length > 0
      ? sql`(select json_agg(json_build_object('key', key, 'value', value)) from params)`
      : sql`null::json`;
  const { rows } = await tx.execute<{ runs: number; params: Entry[] | null }>(
    sql`with ${sql.join(parts, sql`, `)} select (select count(*)::int from target) as runs, ${params} as params`,
  );
  return rows[0] ?? { runs: 0, params: null };
}

const pointRows = (points: MetricPoint[]): SQL => sql`target, unnest(
    ${sql.param(points.map((p) => p.key))}::text[],
    ${sql.param(points.map((p) => p.timestamp))}::int8[],
    ${sql.param(points.map((p) => p.step))}::int8[],
    ${sql.param(points.map((p) => p.value))}::float8[],
    ${sql.param(points.map((p) => p.isNan))}::bool[]) as p`;

const metricsPart = (points: MetricPoint[]): SQL => sql`metrics as (
  insert into run_metrics (workspace_id, run_id, key, timestamp, step, value, is_nan)
  select target.workspace_id, target.id, p.* from ${pointRows(points)}
  on conflict do nothing)`;

const latestPart = (points: MetricPoint[]): SQL => sql`latest as (
  insert into run_latest_metrics as l (workspace_id, run_id, key, timestamp, step, value, is_nan)
  select target.workspace_id, target.id, p.* from ${pointRows(points)}
  on conflict (workspace_id, run_id, key) do update
    set timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
    where (excluded.step, excluded.timestamp, excluded.value, excluded.is_nan) > (l.step, l.timestamp, l.value, l.is_nan))`;

const entryRows = (entries: Entry[]): SQL => sql`target, unnest(
    ${sql.param(entries.map((e) => e.key))}::text[], ${sql.param(entries.map((e) => e.value))}::text[]) as e(key, value)`;

// The update writes the old value over itself, only to send it back where it differs.
const paramsPart = (params: Entry[]): SQL => sql`params as (
  insert into run_params as had (workspace_id, run_id, key, value)
  select target.workspace_id, target.id, e.key, e.value from ${entryRows(params)}
  on conflict (workspace_id, run_id, key) do update set value = had.value where had.value <> excluded.value
  returning key, value)`;

const tagsPart = (tags: Entry[]): SQL => sql`tags as (
  insert into run_tags as had (workspace_id, run_id, key, value)
  select target.workspace_id, target.id, e.key, e.value from ${entryRows(tags)}
  on conflict (workspace_id, run_id, key) do update set value = excluded.value where had.value <> excluded.value)`;
