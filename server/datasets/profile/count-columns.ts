import type { Duck, Row } from "@/server/kernel/process/duck";
import type { DatasetColumn } from "../schemas";
import { type Column, isNumber, isTime } from "./column";
import { cleanText } from "./text-profile";

/** Above this, distinct values are estimated. */
const EXACT_DISTINCT_ROWS_MAX = 1_000_000;
/** Squares of larger values leave the range of a double. */
const SQUARE_MAX = 1e150;

/** What one pass over the values of a column says. */
export interface ColumnCounts {
  column: Column;
  /** Rows that have a value. */
  values: number;
  distinct: number;
  min: DatasetColumn["min"];
  max: DatasetColumn["max"];
  mean: number | null;
  stddev: number | null;
  /** Finite values as the histogram sees them: numbers, or milliseconds of a time. */
  scale: { min: number; max: number; values: number } | null;
}

const ASKED = 9;

/** Counts columns in one query. */
export async function countColumns(
  duck: Duck,
  columns: readonly Column[],
  rows: number,
): Promise<ColumnCounts[]> {
  const asked = columns.flatMap((column) => question(column, rows));
  const [answer = []] = await duck.rows(`select ${asked.join(", ")} from data`);
  return columns.map((column, i) => read(column, answer.slice(i * ASKED, (i + 1) * ASKED)));
}

/** A number the histogram can place, or null for what it cannot. */
export const scaled = ({ key, type }: Column): string => {
  if (isTime(type)) return `cast(epoch_ms(cast(${key} as timestamp)) as double)`;
  return type === "number"
    ? `(case when isfinite(${key}) then ${key} end)`
    : `cast(${key} as double)`;
};

function question(column: Column, rows: number): string[] {
  const { key, type } = column;
  const exact = rows <= EXACT_DISTINCT_ROWS_MAX;
  const onScale = isNumber(type) || isTime(type) ? scaled(column) : "null::double";
  const small = isNumber(type)
    ? `(case when abs(${onScale}) < ${SQUARE_MAX} then ${onScale} end)`
    : "null::double";
  const shown = type === "boolean" ? key : `cast(${key} as varchar)`;
  const bound = (which: string) => {
    if (isNumber(type)) return "null";
    return type === "boolean" ? `${which}(${key})` : `cast(${which}(${key}) as varchar)`;
  };
  return [
    `cast(count(${shown}) as double)`,
    `cast(${exact ? "count(distinct" : "approx_count_distinct("} ${key}) as double)`,
    bound("min"),
    bound("max"),
    `min(${onScale})`,
    `max(${onScale})`,
    `cast(count(${onScale}) as double)`,
    `avg(${small})`,
    `stddev_samp(${small})`,
  ];
}

function read(column: Column, answer: Row): ColumnCounts {
  const [values, distinct, min = null, max = null, low, high, placed, mean, stddev] = answer;
  const scale =
    typeof low === "number" && typeof high === "number"
      ? { min: low, max: high, values: Number(placed) }
      : null;
  const moderate =
    scale !== null && Math.max(Math.abs(scale.min), Math.abs(scale.max)) < SQUARE_MAX;
  return {
    column,
    values: Number(values),
    // An estimate may exceed what there is.
    distinct: Math.min(Number(distinct), Number(values)),
    min: isNumber(column.type) ? (scale?.min ?? null) : bound(min, column),
    max: isNumber(column.type) ? (scale?.max ?? null) : bound(max, column),
    mean: moderate ? finite(mean) : null,
    stddev: moderate ? finite(stddev) : null,
    scale,
  };
}

const finite = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

function bound(value: Row[number], { type }: Column): DatasetColumn["min"] {
  if (typeof value !== "string") return typeof value === "boolean" ? value : null;
  return cleanText(type === "timestamp" ? value.replace(" ", "T") : value);
}
