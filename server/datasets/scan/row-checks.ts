import { literal } from "@/server/kernel/process/duck";
import type { ColumnType } from "../constants";
import type { ScanColumn, ScanFeature } from "./protocol";

const EXPECTED = {
  number: "a number",
  integer: "an integer",
  boolean: "true or false",
  category: "a text",
} as const satisfies Record<ScanFeature["type"], string>;

/** Characters of a wrong value that a reason repeats. */
const SHOWN = 80;

/** Whether a column can hold values of a feature at all. Pure. */
export const mayFeed = (column: ColumnType, feature: ScanFeature["type"]): boolean =>
  feature === "category" || (column !== "date" && column !== "timestamp");

/** SQL of a feature's value, a double with NaN for a missing one, or a text with "" for it. */
export function featureSql(feature: ScanFeature, { type }: ScanColumn): string {
  const c = `c${feature.column}`;
  if (feature.type === "category") {
    return `coalesce(${type === "text" ? c : `cast(${c} as varchar)`}, '')`;
  }
  return `coalesce(${numberOf(feature, type, c)}, 'nan'::double)`;
}

function numberOf(feature: ScanFeature, type: ColumnType, c: string): string {
  if (type === "number") return c;
  if (type === "boolean") return `cast(cast(${c} as tinyint) as double)`;
  if (type !== "text") return `cast(${c} as double)`;
  if (feature.type !== "boolean") return `try_cast(${c} as double)`;
  return `case lower(trim(${c})) when 'true' then 1.0 when 'false' then 0.0 end`;
}

/**
 * SQL that is the reason why a row does not fit, null where it does; undefined where every row of a
 * table with these columns fits. The first feature that does not fit gives the reason.
 */
export function problemOf(
  features: readonly ScanFeature[],
  columns: readonly ScanColumn[],
): string | undefined {
  const cases = features.flatMap((feature) => {
    const column = columns[feature.column];
    return column ? [...missing(feature, column), ...wrong(feature, column)] : [];
  });
  if (cases.length === 0) return undefined;
  return `case ${cases.join(" ")} end`;
}

function missing(feature: ScanFeature, { type, hasMissing }: ScanColumn): string[] {
  const c = `c${feature.column}`;
  // Parquet tells an empty text from none; for a model both are missing.
  const mayBeEmpty = feature.type === "category" && type === "text";
  if (feature.nullable || !(hasMissing || mayBeEmpty)) return [];
  const condition = mayBeEmpty ? `coalesce(${c}, '') = ''` : `${c} is null`;
  const reason = `${feature.name} is missing, expected ${EXPECTED[feature.type]}`;
  return [`when ${condition} then ${literal(reason)}`];
}

function wrong(feature: ScanFeature, { type }: ScanColumn): string[] {
  const c = `c${feature.column}`;
  const condition = misfit(feature.type, type, c);
  if (!condition) return [];
  const expected = `${EXPECTED[feature.type]}${feature.nullable ? " or nothing" : ""}`;
  const reason = literal(`${feature.name} must be ${expected}, got `);
  // A missing value is null in every condition, which is not true.
  return [`when ${condition} then ${reason} || left(cast(${c} as varchar), ${SHOWN})`];
}

function misfit(feature: ScanFeature["type"], type: ColumnType, c: string): string | undefined {
  if (feature === "category" || type === "boolean") return undefined;
  if (feature === "boolean") {
    if (type === "text") return `lower(trim(${c})) not in ('true', 'false')`;
    return `${c} not in (0, 1)`;
  }
  if (type === "integer") return undefined;
  const number = type === "text" ? `try_cast(${c} as double)` : c;
  const unfit = `not coalesce(isfinite(${number}), false)`;
  const fraction = feature === "integer" ? ` or ${number} <> trunc(${number})` : "";
  return `${c} is not null and (${unfit}${fraction})`;
}
