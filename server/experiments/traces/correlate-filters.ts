import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { compileFilter } from "../filter";
import { refuseRunKey } from "../internal";
import { readFilter } from "../search/read-filter";
import { npmi, type SeenTogether } from "./npmi";
import { TRACE_LANGUAGE, traceSql } from "./trace-filter";

const filter = z.string().max(10_000);
const correlateInput = z.object({
  experimentNumbers: z.array(z.int()).min(1).max(1000),
  first: filter.min(1),
  second: filter.min(1),
  /** Only traces that meet this count. */
  base: filter.default(""),
});

/** How the traces that meet one filter and those that meet another lie to each other. */
export async function correlateFilters(
  ctx: Context,
  input: z.input<typeof correlateInput>,
): Promise<SeenTogether & { npmi: number; npmiSmoothed: number }> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { experimentNumbers, ...filters } = correlateInput.parse(input);
  const [first, second, base] = [filters.first, filters.second, filters.base].map(conditionOf);
  const seen = await withWorkspace(ctx, async (tx) => {
    const known = tx
      .select({ id: experiments.id })
      .from(experiments)
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          inArray(experiments.number, experimentNumbers),
        ),
      );
    const [row] = await tx
      .select({
        total: sql<number>`count(*)::int`,
        first: sql<number>`(count(*) filter (where ${first}))::int`,
        second: sql<number>`(count(*) filter (where ${second}))::int`,
        both: sql<number>`(count(*) filter (where ${first} and ${second}))::int`,
      })
      .from(traces)
      .where(
        and(eq(traces.workspaceId, ctx.workspaceId), inArray(traces.experimentId, known), base),
      );
    return row ?? { total: 0, first: 0, second: 0, both: 0 };
  });
  const { plain, smoothed } = npmi(seen);
  return { ...seen, npmi: plain, npmiSmoothed: smoothed };
}

function conditionOf(text: string): SQL {
  const read = readFilter(text, TRACE_LANGUAGE);
  return read ? sql`(${compileFilter(read, traceSql)})` : sql`true`;
}
