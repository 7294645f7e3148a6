import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { runs } from "@/db/schema";
import { LIMITS } from "./constants";

export const NUMBER_OPERATORS = [">", ">=", "=", "!=", "<", "<="] as const;
export const TEXT_OPERATORS = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"] as const;

/** Fields of a run itself that may be compared and sorted by. */
export const TEXT_ATTRIBUTES = ["status", "run_name", "run_id", "user_id"] as const;
export const NUMBER_ATTRIBUTES = ["start_time", "end_time"] as const;

const text = z
  .string()
  .max(LIMITS.tagValue)
  .transform((value) => value.replaceAll("\0", ""));
const key = z
  .string()
  .min(1)
  .max(1000)
  .transform((value) => value.replaceAll("\0", ""));
const textTest = {
  operator: z.enum(TEXT_OPERATORS),
  /** Several only for IN and NOT IN. */
  values: z.array(text).min(1).max(1000),
};
const numberTest = { operator: z.enum(NUMBER_OPERATORS), value: z.number() };

/** One comparison; a search holds all of its comparisons. */
export const runCondition = z.union([
  z.object({ entity: z.literal("metric"), key, ...numberTest }),
  z.object({ entity: z.enum(["param", "tag"]), key, ...textTest }),
  z.object({ entity: z.literal("attribute"), key: z.enum(NUMBER_ATTRIBUTES), ...numberTest }),
  z.object({ entity: z.literal("attribute"), key: z.enum(TEXT_ATTRIBUTES), ...textTest }),
]);
export type RunCondition = z.output<typeof runCondition>;
type TextTest = { operator: (typeof TEXT_OPERATORS)[number]; values: string[] };

/** How each field of a run reads in SQL; ids without dashes, as MLflow writes them. */
export const ATTRIBUTE_SQL = {
  status: sql`${runs.status}`,
  run_name: sql`${runs.name}`,
  run_id: sql`replace(${runs.id}::text, '-', '')`,
  user_id: sql`${runs.userName}`,
  start_time: sql`${runs.startTime}`,
  end_time: sql`${runs.endTime}`,
} satisfies Record<(typeof TEXT_ATTRIBUTES)[number] | (typeof NUMBER_ATTRIBUTES)[number], SQL>;

const COMPARE = {
  ">": sql`>`,
  ">=": sql`>=`,
  "=": sql`=`,
  "!=": sql`<>`,
  "<": sql`<`,
  "<=": sql`<=`,
} satisfies Record<(typeof NUMBER_OPERATORS)[number], SQL>;

function textSql(subject: SQL, { operator, values }: TextTest): SQL {
  const [value = ""] = values;
  switch (operator) {
    case "=":
      return sql`${subject} = ${value}`;
    case "!=":
      return sql`${subject} <> ${value}`;
    // No escape character: a trailing backslash would be an error of the pattern.
    case "LIKE":
      return sql`${subject} like ${value} escape ''`;
    case "ILIKE":
      return sql`${subject} ilike ${value} escape ''`;
    case "IN":
      return sql`${subject} = any(${sql.param(values)}::text[])`;
    case "NOT IN":
      return sql`${subject} <> all(${sql.param(values)}::text[])`;
  }
}

/** A condition as SQL over the table `runs`. A missing metric, parameter or tag matches nothing. */
export function conditionSql(condition: RunCondition): SQL {
  if (condition.entity === "metric") {
    return sql`exists (select from run_latest_metrics m where m.workspace_id = ${runs.workspaceId} and m.run_id = ${runs.id}
      and m.key = ${condition.key} and not m.is_nan and m.value ${COMPARE[condition.operator]} ${condition.value}::float8)`;
  }
  if (condition.entity === "attribute") {
    const subject = ATTRIBUTE_SQL[condition.key];
    return "values" in condition
      ? textSql(subject, condition)
      : sql`${subject} ${COMPARE[condition.operator]} ${condition.value}::float8`;
  }
  const table = condition.entity === "param" ? sql`run_params` : sql`run_tags`;
  return sql`exists (select from ${table} e where e.workspace_id = ${runs.workspaceId} and e.run_id = ${runs.id}
    and e.key = ${condition.key} and ${textSql(sql`e.value`, condition)})`;
}
