import { and, eq, getTableColumns, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { type Comparison, compileFilter, EXPERIMENT_LANGUAGE, type Order, testSql } from "./filter";
import { ensureDefaultExperiment, experimentColumns, toExperimentDto } from "./internal";
import type { ExperimentDto } from "./schemas";
import { readFilter, readOrders } from "./search/read-filter";
import { afterSql, decodePlace, encodePlace } from "./search/run-cursor";
import type { SortKey, SortStretch } from "./search/run-sort";

const searchExperimentsInput = z.object({
  filter: z.string().default(""),
  orderBy: z.array(z.string()).max(20).default([]),
  view: z.enum(["active", "deleted", "all"]).default("active"),
  limit: z.int().min(1).max(50_000).default(1000),
  cursor: z.string().max(20_000).optional(),
});

/** An experiment without what has to be counted. */
type FoundExperiment = Omit<ExperimentDto, "runCount" | "lastRunAt">;

const ms = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::int8`;

/** How each attribute reads in SQL; the experiment's id is the number MLflow clients see. */
const ATTRIBUTE_SQL: Record<string, SQL> = {
  creation_time: ms(sql`${experiments.createdAt}`),
  last_update_time: ms(sql`${experiments.updatedAt}`),
  experiment_id: sql`${experiments.number}::text`,
  name: sql`${experiments.name}`,
};

/** A page of experiments by MLflow's filter and sort. Throws validation_failed for what cannot be read. */
export async function searchExperiments(
  ctx: Context,
  input: z.input<typeof searchExperimentsInput>,
): Promise<Page<FoundExperiment>> {
  requirePermission(ctx, "experiments:read");
  const query = searchExperimentsInput.parse(input);
  const filter = readFilter(query.filter, EXPERIMENT_LANGUAGE);
  const sort = sortOf(readOrders(query.orderBy, EXPERIMENT_LANGUAGE));
  const after = query.cursor ? decodePlace([sort], query.cursor) : undefined;
  const rows = await withWorkspace(ctx, async (tx) => {
    await ensureDefaultExperiment(tx, ctx);
    return tx
      .select({
        row: getTableColumns(experiments),
        tags: experimentColumns.tags,
        keys: sql<(string | number)[]>`json_build_array(${sql.join(
          sort.keys.map((key) => key.expression),
          sql`, `,
        )})`,
      })
      .from(experiments)
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          query.view === "active" ? isNull(experiments.deletedAt) : undefined,
          query.view === "deleted" ? isNotNull(experiments.deletedAt) : undefined,
          filter ? compileFilter(filter, comparisonSql) : undefined,
          after ? afterSql(sort.keys, after.keys) : undefined,
        ),
      )
      .orderBy(
        ...sort.keys.map(({ expression, ascending }) =>
          ascending ? sql`${expression} asc` : sql`${expression} desc`,
        ),
      )
      .limit(query.limit + 1);
  });
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ row, tags }) =>
      toFound(toExperimentDto(row, { runCount: 0, lastRunAt: null, tags })),
    ),
    nextCursor:
      rows.length > query.limit && last
        ? encodePlace([sort], { stretch: 0, keys: last.keys })
        : null,
  };
}

const toFound = ({
  runCount: _count,
  lastRunAt: _last,
  ...found
}: ExperimentDto): FoundExperiment => found;

function comparisonSql(comparison: Comparison): SQL {
  const { field } = comparison;
  if (field.entity === "attribute")
    return testSql(ATTRIBUTE_SQL[field.key] ?? sql`null`, comparison);
  const test = comparison.kind === "null" ? sql`true` : testSql(sql`t.value`, comparison);
  const exists = sql`exists (select from experiment_tags t where t.workspace_id = experiments.workspace_id
    and t.experiment_id = experiments.id and t.key = ${field.key} and ${test})`;
  return comparison.operator === "IS NULL" ? sql`not ${exists}` : exists;
}

/** The newest first unless asked otherwise; equal ones by descending id, as the stock server has it. */
function sortOf(orders: Order[]): SortStretch {
  const asked = orders.map(({ field, ascending }) => keyOf(field.key, ascending));
  const isById = orders.some(({ field }) => field.key === "experiment_id");
  const rest =
    asked.length === 0 ? [keyOf("creation_time", false), keyOf("experiment_id", true)] : [];
  const tie = asked.length > 0 && !isById ? [keyOf("experiment_id", false)] : [];
  const runId = sql`${experiments.id}`;
  return { join: sql``, runId, where: sql`true`, keys: [...asked, ...rest, ...tie] };
}

function keyOf(name: string, ascending: boolean): SortKey {
  if (name === "experiment_id") {
    return { expression: sql`${experiments.number}`, ascending, cast: "int8" };
  }
  const subject = ATTRIBUTE_SQL[name] ?? sql`null`;
  return name === "name"
    ? { expression: sql`${subject} collate "C"`, ascending, cast: "text" }
    : { expression: subject, ascending, cast: "int8" };
}
