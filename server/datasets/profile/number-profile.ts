import type { ColumnType } from "../constants";
import type { DatasetColumn } from "../schemas";
import { binEdges } from "./bin-edges";
import type { ColumnCounts } from "./describe-columns";
import type { Duck } from "./duck";

/** Squares of larger values leave the range of a double. */
const SQUARE_MAX = 1e150;

/** Mean, deviation and histogram of a number column; the histogram alone of a date column. */
export async function numberProfile(
  duck: Duck,
  type: Exclude<ColumnType, "text" | "boolean">,
  { column }: ColumnCounts,
): Promise<Partial<DatasetColumn>> {
  const isTime = type === "date" || type === "timestamp";
  const value = isTime ? `epoch_ms(cast(${column} as timestamp))` : column;
  const from = `(select cast(${value} as double) as v from data where ${column} is not null)`;
  const [range] = await duck.rows(
    `select min(v), max(v), cast(count(v) as double) from ${from} where isfinite(v)`,
  );
  const [min, max, values] = range?.map(Number) ?? [];
  if (min === undefined || max === undefined || !values) return isTime ? {} : { mean: null };
  const histogram = await histogramOf(duck, from, { min, max, values, whole: type === "integer" });
  if (isTime) return histogram;
  const safe = Math.max(Math.abs(min), Math.abs(max)) < SQUARE_MAX;
  const [moments] = safe
    ? await duck.rows(`select avg(v), stddev_samp(v) from ${from} where isfinite(v)`)
    : [];
  return { mean: finite(moments?.[0]), stddev: finite(moments?.[1]), ...histogram };
}

const finite = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

async function histogramOf(
  duck: Duck,
  from: string,
  range: { min: number; max: number; values: number; whole: boolean },
): Promise<Partial<DatasetColumn>> {
  const bins = binEdges(range.min, range.max, range.values, range.whole);
  if (!bins) return {};
  const { start, width, count } = bins;
  const rows = await duck.rows(
    `select cast(greatest(0, least(floor((v - (${start}::double)) / ${width}::double), ${count - 1})) as integer) as bin,
       cast(count(*) as double) from ${from} where isfinite(v) group by bin`,
  );
  const counts = Array.from({ length: count }, () => 0);
  for (const [bin, n] of rows) counts[Number(bin)] = Number(n);
  const edges = Array.from({ length: count + 1 }, (_, i) => start + i * width);
  if (!range.whole) edges[count] = Math.max(range.max, edges[count] ?? range.max);
  return { histogram: { edges, counts } };
}
