import { sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { RUN_LANGUAGE } from "../filter";
import { isoOf } from "../internal";
import { findRuns, RUNS_FROM, type RunScope, scopeSql } from "./find-runs";
import { asksForBest, loadGoals } from "./goals";
import { readFilter, readOrders } from "./read-filter";
import { loadCells } from "./run-cells";
import { type RunTableDto, searchRunTableInput } from "./schemas";
import { experimentIdsOf } from "./scope";

/** Counting stops here; a table shows "10,000+". */
const TOTAL_MAX = 10_000;

/**
 * A page of runs with the columns asked for and no others. Throws validation_failed for a filter or
 * sort that cannot be read, not_found for an unknown experiment, bad_request for a bad cursor.
 */
export async function searchRunTable(
  ctx: Context,
  input: z.input<typeof searchRunTableInput>,
): Promise<RunTableDto> {
  requirePermission(ctx, "experiments:read");
  const query = searchRunTableInput.parse(input);
  const filter = readFilter(query.filter, RUN_LANGUAGE);
  const orders = readOrders(query.orderBy, RUN_LANGUAGE);
  return withWorkspace(ctx, async (tx) => {
    const experimentIds = await experimentIdsOf(tx, ctx, query.experimentIds);
    const isBest =
      asksForBest(filter, orders) || query.columns.metrics.some((one) => one.aggregate === "best");
    const goalOf = await loadGoals(tx, ctx, isBest ? experimentIds : []);
    const scope = { experimentIds, filter, view: query.view, goalOf };
    const { rows, nextCursor } = await findRuns(tx, ctx, {
      ...scope,
      orders,
      idAscending: true,
      limit: query.limit,
      cursor: query.cursor ?? undefined,
    });
    const runIds = rows.map(({ run }) => run.id);
    const cells = await loadCells(tx, ctx, runIds, query.columns, goalOf);
    return {
      items: rows.map((row) => ({ ...toRowHead(row), ...cells(row.run.id) })),
      nextCursor,
      total: query.withTotal ? await countRuns(tx, ctx, scope) : null,
    };
  });
}

type Found = Awaited<ReturnType<typeof findRuns>>["rows"][number];

/** What every row of a table shows. */
export const toRowHead = ({ run, experiment }: Found) => ({
  id: run.id,
  experimentId: run.experimentId,
  experimentNumber: experiment.number,
  experimentName: experiment.name,
  name: run.name,
  status: run.status as RunTableDto["items"][number]["status"],
  userName: run.userName,
  startTime: new Date(run.startTime).toISOString(),
  endTime: isoOf(run.endTime),
  deletedAt: run.deletedAt?.toISOString() ?? null,
});

async function countRuns(tx: Transaction, ctx: Context, scope: RunScope) {
  const where = await scopeSql(tx, ctx, scope);
  if (!where) return { count: 0, isExact: true };
  const { rows } = await tx.execute<{ count: number }>(sql`
    select count(*)::int as count from (select from ${RUNS_FROM} where ${where} limit ${TOTAL_MAX + 1}) as met`);
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, TOTAL_MAX), isExact: count <= TOTAL_MAX };
}
