import { and, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { compileFilter } from "../filter";
import { refuseRunKey } from "../internal";
import { readFilter, readOrders } from "../search/read-filter";
import { afterSql, decodePlace, encodePlace } from "../search/run-cursor";
import { readTraces } from "./internal";
import type { TraceDto } from "./schemas";
import { TRACE_LANGUAGE, traceSql } from "./trace-filter";
import { traceSort } from "./trace-sort";

const searchInput = z.object({
  experimentNumbers: z.array(z.int()).max(1000),
  filter: z.string().max(10_000).default(""),
  /** Such as `timestamp_ms DESC` or `tags.team`. */
  orders: z.array(z.string().max(500)).max(10).default([]),
  limit: z.int().min(1).max(500).default(100),
  cursor: z.string().max(5000).optional(),
});

/** A page of the traces of some experiments, newest first unless told otherwise. */
export async function searchTraces(
  ctx: Context,
  input: z.input<typeof searchInput>,
): Promise<Page<TraceDto>> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const query = searchInput.parse(input);
  const filter = readFilter(query.filter, TRACE_LANGUAGE);
  const sort = traceSort(readOrders(query.orders, TRACE_LANGUAGE));
  const after = query.cursor ? decodePlace([sort], query.cursor) : undefined;
  const keys = sql.join(
    sort.keys.map((key) => key.expression),
    sql`, `,
  );
  return withWorkspace(ctx, async (tx) => {
    const found = await tx
      .select({ id: experiments.id })
      .from(experiments)
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          inArray(experiments.number, query.experimentNumbers),
        ),
      );
    if (found.length === 0) return { items: [], nextCursor: null };
    const ids = found.map((row) => row.id);
    const rows = await tx
      .select({
        ...getTableColumns(traces),
        keys: sql<(string | number)[]>`json_build_array(${keys})`,
      })
      .from(traces)
      .where(
        and(
          eq(traces.workspaceId, ctx.workspaceId),
          inArray(traces.experimentId, ids),
          filter ? compileFilter(filter, traceSql) : undefined,
          after ? afterSql(sort.keys, after.keys) : undefined,
        ),
      )
      .orderBy(
        ...sort.keys.map(({ expression, ascending }) =>
          ascending ? sql`${expression} asc` : sql`${expression} desc`,
        ),
      )
      .limit(query.limit + 1);
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return {
      items: await readTraces(tx, ctx, shown),
      nextCursor: last ? encodePlace([sort], { stretch: 0, keys: last.keys }) : null,
    };
  });
}
