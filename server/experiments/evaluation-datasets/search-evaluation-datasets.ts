import { and, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import {
  type Comparison,
  compileFilter,
  type FilterLanguage,
  type Order,
  testSql,
} from "../filter";
import { refuseRunKey } from "../internal";
import { readFilter, readOrders } from "../search/read-filter";
import { afterSql, decodePlace, encodePlace } from "../search/run-cursor";
import type { SortKey, SortStretch } from "../search/run-sort";
import { toDatasetDto } from "./internal";
import { type EvaluationDatasetDto, experimentNumbers } from "./schemas";

/** What datasets can be searched by (mlflow/utils/search_utils.py, SearchEvaluationDatasetsUtils). */
const LANGUAGE = {
  entities: { tag: "tag", tags: "tag" },
  attributes: {
    created_by: "text",
    created_time: "number",
    last_update_time: "number",
    last_updated_by: "text",
    name: "text",
  },
  orderAttributes: ["created_time", "last_update_time", "name"],
  aliases: {},
  orderEntities: [],
} as const satisfies FilterLanguage;

const ms = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::int8`;

const COLUMNS: Record<string, SQL> = {
  created_by: sql`evaluation_datasets.created_by`,
  created_time: ms(sql`evaluation_datasets.created_at`),
  last_update_time: ms(sql`evaluation_datasets.updated_at`),
  last_updated_by: sql`evaluation_datasets.updated_by`,
  name: sql`evaluation_datasets.name`,
};

const searchInput = z.object({
  /** None means every dataset. */
  experimentNumbers: experimentNumbers.default([]),
  filter: z.string().max(10_000).default(""),
  orders: z.array(z.string().max(500)).max(10).default([]),
  limit: z.int().min(1).max(50_000).default(1000),
  cursor: z.string().max(5000).optional(),
});

/** A page of datasets, newest first unless told otherwise. Throws validation_failed for what cannot be read. */
export async function searchEvaluationDatasets(
  ctx: Context,
  input: z.input<typeof searchInput>,
): Promise<Page<EvaluationDatasetDto>> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const query = searchInput.parse(input);
  const filter = readFilter(query.filter, LANGUAGE);
  const sort = sortOf(readOrders(query.orders, LANGUAGE));
  const after = query.cursor ? decodePlace([sort], query.cursor) : undefined;
  const columns = sort.keys.map(({ expression }) => expression);
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select({
        row: getTableColumns(evaluationDatasets),
        keys: sql<(string | number)[]>`json_build_array(${sql.join(columns, sql`, `)})`,
      })
      .from(evaluationDatasets)
      .where(
        and(
          eq(evaluationDatasets.workspaceId, ctx.workspaceId),
          query.experimentNumbers.length > 0 ? usedIn(query.experimentNumbers) : undefined,
          filter ? compileFilter(filter, comparisonSql) : undefined,
          after ? afterSql(sort.keys, after.keys) : undefined,
        ),
      )
      .orderBy(
        ...sort.keys.map(({ expression, ascending }) =>
          ascending ? sql`${expression} asc` : sql`${expression} desc`,
        ),
      )
      .limit(query.limit + 1),
  );
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(({ row }) => toDatasetDto(row)),
    nextCursor: last ? encodePlace([sort], { stretch: 0, keys: last.keys }) : null,
  };
}

const usedIn = (numbers: number[]): SQL => sql`exists (select from evaluation_dataset_experiments l
  join experiments e on e.workspace_id = l.workspace_id and e.id = l.experiment_id
  where l.workspace_id = evaluation_datasets.workspace_id and l.dataset_id = evaluation_datasets.id
  and e.number in ${numbers})`;

function comparisonSql(comparison: Comparison): SQL {
  const { entity, key } = comparison.field;
  const value =
    entity === "tag" ? sql`evaluation_datasets.tags ->> ${key}` : (COLUMNS[key] ?? sql`null::text`);
  const test = testSql(sql`(${value})`, comparison);
  return comparison.kind === "null" ? test : sql`coalesce(${test}, false)`;
}

function sortOf(orders: Order[]): SortStretch {
  const asked = orders.map(({ field, ascending }) => keyOf(field.key, ascending));
  const id = sql`evaluation_datasets.id`;
  const keys = [
    ...(asked.length > 0 ? asked : [keyOf("created_time", false)]),
    { expression: id, ascending: false, cast: "uuid" } satisfies SortKey,
  ];
  return { join: sql``, runId: id, where: sql`true`, keys };
}

function keyOf(name: string, ascending: boolean): SortKey {
  const expression = COLUMNS[name] ?? sql`null`;
  return name === "name"
    ? { expression: sql`${expression} collate "C"`, ascending, cast: "text" }
    : { expression, ascending, cast: "int8" };
}
