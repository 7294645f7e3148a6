import { and, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runLatestMetrics, runParams, runs, runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { parseRunId } from "../internal";
import { findRuns } from "./find-runs";
import { loadGoals } from "./goals";
import { COMPARE_MAX, type ComparisonDto, compareRunsInput } from "./schemas";
import { toRowHead } from "./search-run-table";

/**
 * Parameters, tags and metrics of some runs side by side, in the order they were named, deleted ones too.
 * Throws not_found when one is no run of the workspace.
 */
export async function compareRuns(
  ctx: Context,
  input: z.input<typeof compareRunsInput>,
): Promise<ComparisonDto> {
  requirePermission(ctx, "experiments:read");
  const query = compareRunsInput.parse(input);
  const ids = [...new Set(query.runIds.map(parseRunId))];
  return withWorkspace(ctx, async (tx) => {
    const { rows } = await findRuns(tx, ctx, {
      experimentIds: null,
      filter: null,
      view: "all",
      goalOf: () => "maximize",
      conditions: [sql`${runs.id} = any(${sql.param(ids)}::uuid[])`],
      orders: [],
      idAscending: true,
      limit: COMPARE_MAX,
    });
    if (rows.length < ids.length) throw notFound("A run of the list");
    const heads = new Map(rows.map((row) => [row.run.id, toRowHead(row)]));
    const goalOf = await loadGoals(tx, ctx, [...new Set(rows.map(({ run }) => run.experimentId))]);
    const params = await readTexts(tx, ctx, runParams, ids);
    const tags = await readTexts(tx, ctx, runTags, ids);
    const metrics = await readMetrics(tx, ctx, ids);
    return {
      runs: ids.map((id) => heads.get(id)).filter((head) => head !== undefined),
      params,
      tags,
      metrics: metrics.map((row) => ({ ...row, goal: goalOf(row.key) })),
    };
  });
}

/** Rows of a matrix: for each key, in code-point order, what each run has under it. */
function matrix<R extends { runId: string; key: string }>(ids: string[], rows: R[]) {
  const place = new Map(ids.map((id, at) => [id, at]));
  const byKey = new Map<string, (R | null)[]>();
  for (const row of rows) {
    const cells = byKey.get(row.key) ?? Array<R | null>(ids.length).fill(null);
    cells[place.get(row.runId) ?? 0] = row;
    byKey.set(row.key, cells);
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Whether one of the cells is unlike the first. */
const differ = <T>(cells: T[]): boolean => cells.some((cell) => !Object.is(cell, cells[0]));

async function readTexts(
  tx: Transaction,
  ctx: Context,
  table: typeof runParams | typeof runTags,
  ids: string[],
): Promise<ComparisonDto["params"]> {
  const rows = await tx
    .select({ runId: table.runId, key: table.key, value: table.value })
    .from(table)
    .where(and(eq(table.workspaceId, ctx.workspaceId), inArray(table.runId, ids)));
  return matrix(ids, rows).map(([key, cells]) => {
    const values = cells.map((cell) => cell?.value ?? null);
    return { key, values, differs: differ(values) };
  });
}

async function readMetrics(tx: Transaction, ctx: Context, ids: string[]) {
  const table = runLatestMetrics;
  const rows = await tx
    .select({
      runId: table.runId,
      key: table.key,
      value: table.value,
      isNan: table.isNan,
      minValue: table.minValue,
      maxValue: table.maxValue,
    })
    .from(table)
    .where(and(eq(table.workspaceId, ctx.workspaceId), inArray(table.runId, ids)));
  return matrix(ids, rows).map(([key, cells]) => {
    const last = cells.map((cell) => (cell?.isNan ? Number.NaN : (cell?.value ?? null)));
    return {
      key,
      last: last.map((value) => (Number.isNaN(value) ? null : value)),
      min: cells.map((cell) => cell?.minValue ?? null),
      max: cells.map((cell) => cell?.maxValue ?? null),
      differs: differ(last),
    };
  });
}
