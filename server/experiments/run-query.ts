import { and, eq, getTableColumns, inArray, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { encodeCursor, type Page } from "@/server/kernel/paging";
import { toRunDto } from "./internal";
import { loadRunData } from "./run-data";
import { afterCursorSql, orderBySql, orderColumns, orderKeysSql, type RunOrder } from "./run-order";
import type { RunDto } from "./schemas";

/** A search text as the literal part of a LIKE pattern. */
export const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);

export interface RunQuery {
  /** null: every experiment. */
  experimentIds: string[] | null;
  conditions: SQL[];
  view: "active" | "deleted" | "all";
  orders: RunOrder[];
  /** Direction of the last tie-break. */
  idAscending: boolean;
  limit: number;
  cursor?: string | undefined;
}

/** One page of runs with what they logged, by keyset: page 1,000 costs what page 1 costs. */
export async function queryRuns(
  tx: Transaction,
  ctx: Context,
  query: RunQuery,
): Promise<Page<RunDto>> {
  const columns = orderColumns(query.orders, query.idAscending);
  const rows = await tx
    .select({
      run: getTableColumns(runs),
      experiment: { number: experiments.number, name: experiments.name },
      keys: orderKeysSql(columns),
    })
    .from(runs)
    .innerJoin(
      experiments,
      and(eq(experiments.workspaceId, runs.workspaceId), eq(experiments.id, runs.experimentId)),
    )
    .where(
      and(
        eq(runs.workspaceId, ctx.workspaceId),
        query.experimentIds ? inArray(runs.experimentId, query.experimentIds) : undefined,
        query.view === "active" ? isNull(runs.deletedAt) : undefined,
        query.view === "deleted" ? isNotNull(runs.deletedAt) : undefined,
        onlyRunOfKey(ctx),
        ...query.conditions,
        query.cursor ? afterCursorSql(columns, query.cursor) : undefined,
      ),
    )
    .orderBy(...orderBySql(columns))
    .limit(query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const data = await loadRunData(
    tx,
    ctx,
    shown.map((row) => row.run.id),
  );
  const last = shown.at(-1);
  return {
    items: shown.map((row) => toRunDto(row.run, row.experiment, data(row.run.id))),
    nextCursor: rows.length > query.limit && last ? encodeCursor(last.keys) : null,
  };
}

/** A key made for one run sees that run in every list. */
function onlyRunOfKey(ctx: Context): SQL | undefined {
  const runId = ctx.actor.type === "apiKey" ? ctx.actor.runId : null;
  return runId ? sql`${runs.id} = ${runId}` : undefined;
}
