import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { RUN_LANGUAGE } from "../filter";
import { RUNS_FROM, scopeSql } from "./find-runs";
import { loadGoals } from "./goals";
import { readFilter } from "./read-filter";
import { extremeColumn, type GoalOf } from "./run-fields";
import { type GROUP_ATTRIBUTES, type GroupsDto, groupRunsInput } from "./schemas";
import { experimentIdsOf } from "./scope";
import { meanInterval95 } from "./student-t";

const GROUPS_MAX = 1000;
/** Squares of greater values overflow; clamped infinities are among them and no part of a mean. */
const VALUE_MAX = 1e150;

type Query = z.output<typeof groupRunsInput>;

const ATTRIBUTE_SQL = {
  status: sql`${runs.status}`,
  user_id: sql`${runs.userName}`,
  run_name: sql`${runs.name}`,
  experiment: sql`${experiments.name}`,
} satisfies Record<(typeof GROUP_ATTRIBUTES)[number], SQL>;

/**
 * All runs of a search in groups of equal values, the largest first, with mean, standard deviation and
 * 95 % confidence interval of metrics. Throws validation_failed for a filter that cannot be read.
 */
export async function groupRuns(
  ctx: Context,
  input: z.input<typeof groupRunsInput>,
): Promise<GroupsDto> {
  requirePermission(ctx, "experiments:read");
  const query = groupRunsInput.parse(input);
  const filter = readFilter(query.filter, RUN_LANGUAGE);
  return withWorkspace(ctx, async (tx) => {
    const experimentIds = await experimentIdsOf(tx, ctx, query.experimentIds);
    const goalOf = await loadGoals(tx, ctx, experimentIds);
    const where = await scopeSql(tx, ctx, { experimentIds, filter, view: query.view, goalOf });
    if (!where) return { groups: [], isComplete: true };
    const { rows } = await tx.execute<GroupRow>(groupSql(query, where, goalOf));
    return {
      groups: rows.slice(0, GROUPS_MAX).map((row) => toGroup(row, query)),
      isComplete: rows.length <= GROUPS_MAX,
    };
  });
}

interface GroupRow extends Record<string, unknown> {
  runs: number;
  values: (string | null)[];
  metrics: [n: number, mean: number | null, sd: number | null][];
}

function groupSql({ groupBy, metrics }: Query, where: SQL, goalOf: GoalOf): SQL {
  const groups = groupBy.map((by, at) => {
    if (by.kind === "attribute") return { value: ATTRIBUTE_SQL[by.key], join: sql`` };
    const table = sql.identifier(by.kind === "param" ? "run_params" : "run_tags");
    const name = sql.identifier(`g${at}`);
    return {
      value: sql`${name}.value`,
      join: sql`left join ${table} ${name} on ${name}.workspace_id = ${runs.workspaceId}
        and ${name}.run_id = ${runs.id} and ${name}.key = ${by.key}`,
    };
  });
  const series = metrics.map((metric, at) => {
    const name = sql.identifier(`m${at}`);
    const extreme = extremeColumn({ entity: "metric", ...metric }, goalOf);
    const value = sql`${name}.${sql.identifier(extreme ?? "value")}`;
    const isNumber = extreme ? sql`${value} is not null` : sql`not ${name}.is_nan`;
    return {
      figures: sql`json_build_array(count(${value}), avg(${value}), stddev_samp(${value}))`,
      join: sql`left join run_latest_metrics ${name} on ${name}.workspace_id = ${runs.workspaceId}
        and ${name}.run_id = ${runs.id} and ${name}.key = ${metric.key}
        and ${isNumber} and abs(${value}) < ${VALUE_MAX}::float8`,
    };
  });
  const values = groups.map(({ value }) => value);
  const joins = [...groups, ...series].map(({ join }) => join);
  return sql`
    select json_build_array(${sql.join(values, sql`, `)}) as values,
      count(*)::int as runs,
      json_build_array(${sql.join(
        series.map(({ figures }) => figures),
        sql`, `,
      )}) as metrics
    from ${RUNS_FROM} ${sql.join(joins, sql` `)}
    where ${where}
    group by ${sql.join(values, sql`, `)}
    order by count(*) desc, ${sql.join(values, sql`, `)}
    limit ${GROUPS_MAX + 1}`;
}

function toGroup(row: GroupRow, query: Query): GroupsDto["groups"][number] {
  return {
    values: row.values,
    runs: row.runs,
    metrics: query.metrics.map(({ key, aggregate }, at) => {
      const [n, mean, sd] = row.metrics[at] ?? [0, null, null];
      const interval = mean === null || sd === null ? null : meanInterval95(mean, sd, n);
      return {
        key,
        aggregate,
        n,
        mean,
        standardDeviation: sd,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
      };
    }),
  };
}
