import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runLatestMetrics, runParams, runTags } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Aggregate } from "../filter/syntax";
import type { Entry } from "../schemas";
import { extremeColumn, type GoalOf } from "./run-fields";
import type { RunRowDto } from "./schemas";

type Cells = Pick<RunRowDto, "params" | "tags" | "metrics">;
type MetricRow = typeof runLatestMetrics.$inferSelect;

interface Columns {
  metrics: { key: string; aggregate: Aggregate }[];
  params: string[];
  tags: string[];
}

/** Values of some columns of many runs, one statement for each kind of column that is asked for. */
export async function loadCells(
  tx: Transaction,
  ctx: Context,
  runIds: string[],
  columns: Columns,
  goalOf: GoalOf,
): Promise<(runId: string) => Cells> {
  const params = await loadEntries(tx, ctx, runParams, runIds, columns.params);
  const tags = await loadEntries(tx, ctx, runTags, runIds, columns.tags);
  const metrics = await loadMetrics(tx, ctx, runIds, columns.metrics);
  return (runId) => ({
    params: inOrder(columns.params, params.get(runId)),
    tags: inOrder(columns.tags, tags.get(runId)),
    metrics: columns.metrics.flatMap(({ key, aggregate }) => {
      const row = metrics.get(runId)?.get(key);
      return row ? [{ key, aggregate, ...aggregateOf(row, key, aggregate, goalOf) }] : [];
    }),
  });
}

type EntryTable = typeof runParams | typeof runTags;

async function loadEntries(
  tx: Transaction,
  ctx: Context,
  table: EntryTable,
  runIds: string[],
  keys: string[],
): Promise<Map<string, Map<string, Entry>>> {
  if (runIds.length === 0 || keys.length === 0) return new Map();
  const rows = await tx
    .select({ runId: table.runId, key: table.key, value: table.value })
    .from(table)
    .where(
      and(
        eq(table.workspaceId, ctx.workspaceId),
        inArray(table.runId, runIds),
        inArray(table.key, keys),
      ),
    );
  return byRun(rows, ({ key, value }) => ({ key, value }));
}

async function loadMetrics(
  tx: Transaction,
  ctx: Context,
  runIds: string[],
  columns: { key: string }[],
): Promise<Map<string, Map<string, MetricRow>>> {
  if (runIds.length === 0 || columns.length === 0) return new Map();
  const table = runLatestMetrics;
  const keys = [...new Set(columns.map(({ key }) => key))];
  const rows = await tx
    .select()
    .from(table)
    .where(
      and(
        eq(table.workspaceId, ctx.workspaceId),
        inArray(table.runId, runIds),
        inArray(table.key, keys),
      ),
    );
  return byRun(rows, (row) => row);
}

function byRun<R extends { runId: string; key: string }, T>(
  rows: R[],
  toCell: (row: R) => T,
): Map<string, Map<string, T>> {
  const cells = new Map<string, Map<string, T>>();
  for (const row of rows) {
    const ofRun = cells.get(row.runId) ?? new Map<string, T>();
    cells.set(row.runId, ofRun.set(row.key, toCell(row)));
  }
  return cells;
}

const inOrder = (keys: string[], cells: Map<string, Entry> | undefined): Entry[] =>
  keys.map((key) => cells?.get(key)).filter((entry) => entry !== undefined);

/** The value an aggregate stands for, with its step; null is not a number. */
function aggregateOf(row: MetricRow, key: string, aggregate: Aggregate, goalOf: GoalOf) {
  const extreme = extremeColumn({ entity: "metric", key, aggregate }, goalOf);
  if (extreme === "min_value") return { value: row.minValue, step: numeric(row.minStep) };
  if (extreme === "max_value") return { value: row.maxValue, step: numeric(row.maxStep) };
  return { value: row.isNan ? null : row.value, step: numeric(row.step) };
}

/** A table shows steps; those beyond 2^53 lose their last digits here and nowhere else. */
const numeric = (step: number | bigint | null): number | null =>
  step === null ? null : Number(step);
