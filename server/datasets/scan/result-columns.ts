import { literal } from "@/server/kernel/process/duck";
import type { AnswerShape, ResultPlan, ScanColumn } from "./protocol";

/** Classes that get a column each; with more only the confidence is written. */
const PROBABILITY_COLUMNS_MAX = 100;

export interface ResultColumn {
  name: string;
  sql: string;
  /** A date or time, which JSON holds as a text. */
  isTime?: boolean;
}

/**
 * The columns of a result: number of the row from 1, columns of the dataset, the answer, the version,
 * and why there is no answer.
 * A column of the dataset with one of our names gets `input_` before it. Pure; the tables are `d`
 * and `a`.
 */
export function resultColumns(
  dataset: readonly ScanColumn[],
  shape: AnswerShape,
  plan: ResultPlan,
): ResultColumn[] {
  const ours = answerColumns(shape, plan);
  const taken = new Set(["row", ...ours.map(({ name }) => name.toLowerCase())]);
  const theirs = plan.columns.flatMap((place) => {
    const column = dataset[place];
    if (!column) return [];
    const isTime = column.type === "date" || column.type === "timestamp";
    return [{ name: free(column.name, taken), sql: `d.c${place}`, isTime }];
  });
  return [{ name: "row", sql: "a.row + 1" }, ...theirs, ...ours];
}

/** DuckDB compares names without regard to case. */
function free(name: string, taken: Set<string>): string {
  let found = name;
  while (taken.has(found.toLowerCase())) found = `input_${found}`;
  taken.add(found.toLowerCase());
  return found;
}

function answerColumns({ classes, hasProbabilities }: AnswerShape, plan: ResultPlan) {
  const last = [
    { name: "model_version", sql: `cast(${Math.trunc(plan.modelVersion)} as integer)` },
    { name: "error", sql: "a.error" },
  ];
  if (!classes) return [{ name: "prediction", sql: numberOrNull("a.value") }, ...last];
  const prediction = { name: "prediction", sql: `${listOf(classes)}[cast(a.value as bigint) + 1]` };
  if (!hasProbabilities) return [prediction, ...last];
  const all = classes.map((_, at) => numberOrNull(`a.p${at}`));
  const confidence = { name: "confidence", sql: `greatest(${all.join(", ")})` };
  const isShown = plan.withProbabilities && classes.length <= PROBABILITY_COLUMNS_MAX;
  const names = new Set<string>();
  const probabilities = classes.map((one, at) => ({
    name: free(`probability_${one}`, names),
    sql: all[at] ?? "null",
  }));
  return [prediction, confidence, ...(isShown ? probabilities : []), ...last];
}

/** What is no number is missing, as it is in the reply to a request. */
const numberOrNull = (column: string): string => `nullif(${column}, 'nan'::double)`;

/** The classes as a list in SQL, of one type. */
function listOf(classes: readonly (string | number | boolean)[]): string {
  const is = (type: string) => classes.every((one) => typeof one === type);
  if (is("boolean")) return `[${classes.join(", ")}]`;
  if (!is("number")) return `[${classes.map((one) => literal(String(one))).join(", ")}]`;
  const type = classes.every((one) => Number.isSafeInteger(one)) ? "bigint" : "double";
  return `[${classes.map((one) => `cast(${one} as ${type})`).join(", ")}]`;
}
