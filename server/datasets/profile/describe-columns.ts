import type { ColumnType } from "../constants";
import type { DatasetColumn } from "../schemas";
import type { Duck, Row } from "./duck";
import { numberProfile } from "./number-profile";
import { cleanText, topValues } from "./text-profile";

const COLUMNS_A_QUERY = 40;
/** Above this, distinct values are estimated. */
const EXACT_DISTINCT_ROWS_MAX = 1_000_000;

/** What one query says about a column before its values are looked at. */
export interface ColumnCounts {
  /** `c0`, `c1` … in the table `data`. */
  column: string;
  values: number;
  distinct: number;
}

/** Profiles every column of the table `data`. */
export async function describeColumns(
  duck: Duck,
  columns: { name: string; type: ColumnType }[],
  rows: number,
): Promise<DatasetColumn[]> {
  const described: DatasetColumn[] = [];
  for (let first = 0; first < columns.length; first += COLUMNS_A_QUERY) {
    const part = columns.slice(first, first + COLUMNS_A_QUERY);
    const asked = part.flatMap(({ type }, i) => counts(`c${first + i}`, type, rows));
    const [answer = []] = await duck.rows(`select ${asked.join(", ")} from data`);
    for (const [i, { name, type }] of part.entries()) {
      const [values, distinct, min = null, max = null] = answer.slice(i * 4, i * 4 + 4);
      const known = { column: `c${first + i}`, values: Number(values), distinct: Number(distinct) };
      described.push({
        name,
        type,
        nullCount: rows - known.values,
        // An estimate may exceed what there is.
        distinct: Math.min(known.distinct, known.values),
        min: bound(min),
        max: bound(max),
        ...(await details(duck, type, known)),
      });
    }
  }
  return described;
}

function counts(column: string, type: ColumnType, rows: number): string[] {
  const distinct =
    rows <= EXACT_DISTINCT_ROWS_MAX
      ? `count(distinct ${column})`
      : `approx_count_distinct(${column})`;
  const finite = type === "number" ? ` filter (where isfinite(${column}))` : "";
  const shown = (aggregate: string) => {
    if (type === "integer" || type === "number") return `cast(${aggregate} as double)`;
    if (type === "timestamp") return `replace(cast(${aggregate} as varchar), ' ', 'T')`;
    return type === "boolean" ? aggregate : `cast(${aggregate} as varchar)`;
  };
  return [
    `cast(count(${column}) as double)`,
    `cast(${distinct} as double)`,
    shown(`min(${column})${finite}`),
    shown(`max(${column})${finite}`),
  ];
}

const bound = (value: Row[number]): DatasetColumn["min"] => {
  if (typeof value === "string") return cleanText(value);
  return typeof value === "bigint" ? Number(value) : value;
};

async function details(
  duck: Duck,
  type: ColumnType,
  known: ColumnCounts,
): Promise<Partial<DatasetColumn>> {
  if (type === "text" || type === "boolean") return { topValues: await topValues(duck, known) };
  return numberProfile(duck, type, known);
}
