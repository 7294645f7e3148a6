import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { RUN_STATUSES } from "../constants";
import { type Field, RUN_LANGUAGE } from "../filter";
import { isNumberField } from "../filter/parse-comparison";
import { type FilterPlace, placeInFilter } from "../filter/place";
import { printField, quoteText } from "../filter/print-filter";
import { LIST_OPERATORS, NULL_OPERATORS, NUMBER_OPERATORS, TEXT_OPERATORS } from "../filter/syntax";
import { RUNS_FROM, scopeSql } from "./find-runs";
import { readColumns } from "./list-columns";
import { type CompletionDto, completeFilterInput } from "./schemas";
import { experimentIdsOf } from "./scope";

type Suggestion = CompletionDto["suggestions"][number];

const SUGGESTIONS_MAX = 50;
/** Values are gathered from so many of the newest runs. */
const RUNS_READ = 1000;

/** What may be written where the cursor stands in an unfinished filter. Throws not_found for an experiment. */
export async function completeFilter(
  ctx: Context,
  input: z.input<typeof completeFilterInput>,
): Promise<CompletionDto> {
  requirePermission(ctx, "experiments:read");
  const query = completeFilterInput.parse(input);
  const place = placeInFilter(query.filter, query.position, RUN_LANGUAGE);
  const all = await withWorkspace(ctx, async (tx) => {
    const experimentIds = await experimentIdsOf(tx, ctx, query.experimentIds);
    return suggest(tx, ctx, experimentIds, place);
  });
  const typed = plain(place.partial);
  const suggestions = all
    .map((one) => ({ one, at: plain(one.text).indexOf(typed) }))
    .filter(({ at }) => at >= 0)
    // What begins with the typed text stands before what only holds it; the sort keeps ties as they are.
    .toSorted((a, b) => Math.sign(a.at) - Math.sign(b.at))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ one }) => one);
  return { suggestions, from: place.from, to: place.to };
}

/** How suggestions are compared with what is typed: without quotes and capitals. */
const plain = (text: string): string => text.replaceAll(/['"`]/g, "").toLowerCase();

const words = (texts: readonly string[], detail: string): Suggestion[] =>
  texts.map((text) => ({ text, detail }));

async function suggest(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
  { expects, field }: FilterPlace,
): Promise<Suggestion[]> {
  if (expects === "join") return words(["AND", "OR"], "");
  if (expects === "field") return fields(tx, ctx, experimentIds);
  if (!field) return [];
  const isNumber = isNumberField(field, RUN_LANGUAGE);
  if (expects === "operator") {
    const operators = isNumber ? NUMBER_OPERATORS : [...TEXT_OPERATORS, ...LIST_OPERATORS];
    return words(field.entity === "dataset" ? operators : [...operators, ...NULL_OPERATORS], "");
  }
  return isNumber ? [] : values(tx, ctx, experimentIds, field);
}

async function fields(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
): Promise<Suggestion[]> {
  const columns = await readColumns(tx, ctx, experimentIds);
  const metrics = columns.metrics.map(
    ({ key }) => ({ entity: "metric", key, aggregate: "last" }) as const,
  );
  const best = metrics.map((metric) => ({ ...metric, aggregate: "best" }) as const);
  const params = columns.params.map(({ key }) => ({ entity: "parameter", key }) as const);
  const tags = columns.tags.map(({ key }) => ({ entity: "tag", key }) as const);
  const named = (list: Field[], detail: string) => words(list.map(printField), detail);
  return [
    ...named(metrics, "metric"),
    ...named(params, "parameter"),
    ...words(Object.keys(RUN_LANGUAGE.attributes), "attribute"),
    ...named(tags, "tag"),
    ...words(["dataset.name", "dataset.digest", "dataset.context"], "dataset"),
    ...named(best, "best of a metric"),
  ];
}

/** Where the values of a field are read; null for fields with too many to show. */
function valueSource(field: Field): { value: SQL; join: SQL } | null {
  const join = (table: string, also: SQL) =>
    sql`join ${sql.identifier(table)} v on v.workspace_id = newest.workspace_id and v.run_id = newest.id${also}`;
  const key = sql` and v.key = ${field.key}`;
  if (field.entity === "parameter") return { value: sql`v.value`, join: join("run_params", key) };
  if (field.entity === "tag") return { value: sql`v.value`, join: join("run_tags", key) };
  if (field.entity === "dataset") {
    return { value: sql`v.${sql.identifier(field.key)}`, join: join("run_inputs", sql``) };
  }
  if (field.key === "user_id") return { value: sql`newest.user_name`, join: sql`` };
  return field.key === "run_name" ? { value: sql`newest.name`, join: sql`` } : null;
}

async function values(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
  field: Field,
): Promise<Suggestion[]> {
  if (field.key === "status" && field.entity === "attribute") {
    return words(RUN_STATUSES.map(quoteText), "status");
  }
  const source = valueSource(field);
  const scope = {
    experimentIds,
    filter: null,
    view: "active" as const,
    goalOf: () => "maximize" as const,
  };
  const where = await scopeSql(tx, ctx, scope);
  if (!source || !where) return [];
  const { rows } = await tx.execute<{ value: string; runs: number }>(sql`
    select ${source.value} as value, count(*)::int as runs
    from (select ${runs}.* from ${RUNS_FROM} where ${where}
      order by ${runs.startTime} desc, ${runs.id} limit ${RUNS_READ}) newest ${source.join}
    where length(${source.value}) <= 200
    group by 1 order by 2 desc, 1 limit 200`);
  return rows.map(({ value, runs: n }) => ({
    text: quoteText(value),
    detail: n === 1 ? "1 run" : `${n} runs`,
  }));
}
