import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byNumber, keyset, type Page, toPage } from "@/server/kernel/paging";
import { compileFilter } from "../filter";
import { refuseRunKey } from "../internal";
import { readFilter, readOrders } from "../search/read-filter";
import { readTraces } from "./internal";
import type { TraceDto } from "./schemas";
import { TRACE_LANGUAGE, traceSql } from "./trace-filter";

const searchInput = z.object({
  experimentNumbers: z.array(z.int()).max(1000),
  filter: z.string().max(10_000).default(""),
  /** `timestamp_ms`, ascending or descending. */
  orders: z.array(z.string().max(500)).max(1).default([]),
  limit: z.int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
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
  const [first] = readOrders(query.orders, TRACE_LANGUAGE);
  const order = first?.ascending ? ("asc" as const) : ("desc" as const);
  const page = keyset(byNumber(traces.requestTime), traces.id, { cursor: query.cursor, order });
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
    const rows = await tx
      .select()
      .from(traces)
      .where(
        and(
          eq(traces.workspaceId, ctx.workspaceId),
          inArray(
            traces.experimentId,
            found.map((row) => row.id),
          ),
          filter ? compileFilter(filter, traceSql) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const shown = toPage(
      rows,
      query.limit,
      (row) => [row.requestTime, row.id],
      (row) => row,
    );
    return { items: await readTraces(tx, ctx, shown.items), nextCursor: shown.nextCursor };
  });
}
