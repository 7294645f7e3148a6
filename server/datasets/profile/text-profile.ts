import type { Duck } from "@/server/kernel/process/duck";
import { CELL_CHARACTERS_MAX, TOP_VALUES_MAX } from "../constants";
import type { ColumnCounts } from "./count-columns";

/** Counting the values of a column of identifiers costs much and says nothing. */
const IDENTIFIERS_MIN = 10_000;

/** A text that JSON and PostgreSQL hold: short, without NUL and half characters. */
export function cleanText(text: string): string {
  const short = text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX)}…` : text;
  return short.replaceAll("\0", "\ufffd").toWellFormed();
}

/** The most frequent values; none for a column in which nearly every value is different. */
export async function topValues(
  duck: Duck,
  { column: { key }, values, distinct }: ColumnCounts,
): Promise<{ value: string | boolean; count: number }[]> {
  if (values === 0 || (distinct > IDENTIFIERS_MIN && distinct > values * 0.9)) return [];
  const rows = await duck.rows(
    `select ${key}, cast(count(*) as double) as n from data where ${key} is not null
     group by ${key} order by n desc, ${key} limit ${TOP_VALUES_MAX}`,
  );
  return rows.map(([value, count]) => ({
    value: typeof value === "boolean" ? value : cleanText(String(value)),
    count: Number(count),
  }));
}
