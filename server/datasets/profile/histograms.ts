import type { Duck } from "@/server/kernel/process/duck";
import type { DatasetColumn } from "../schemas";
import { type Bins, binEdges } from "./bin-edges";
import { type ColumnCounts, scaled } from "./count-columns";

type Histogram = NonNullable<DatasetColumn["histogram"]>;

/** A histogram for each column that has a scale and a width, all in one pass. */
export async function histograms(
  duck: Duck,
  counted: readonly ColumnCounts[],
): Promise<(Histogram | undefined)[]> {
  const bins = counted.map(({ scale, column }) =>
    scale ? binEdges(scale.min, scale.max, scale.values, column.type === "integer") : null,
  );
  const asked = counted.flatMap((one, i) => {
    const bin = bins[i];
    return bin ? [{ i, bin, max: one.scale?.max ?? 0, sql: countsOf(one, bin) }] : [];
  });
  if (asked.length === 0) return [];
  const [answer = []] = await duck.rows(
    `select ${asked.map(({ sql }) => sql).join(", ")} from data`,
  );
  const found: (Histogram | undefined)[] = [];
  asked.forEach(({ i, bin, max }, at) => {
    const pairs = JSON.parse(String(answer[at])) as Record<string, number>;
    const counts = Array.from({ length: bin.count }, (_, n) => pairs[String(n)] ?? 0);
    const edges = Array.from({ length: bin.count + 1 }, (_, n) => bin.start + n * bin.width);
    // Rounding must not leave the largest value outside.
    edges[bin.count] = Math.max(max, edges[bin.count] ?? max);
    found[i] = { edges, counts };
  });
  return found;
}

/** How many values fall into each bin, as a JSON object from bin to count. */
function countsOf({ column }: ColumnCounts, { start, width, count }: Bins): string {
  const value = scaled(column);
  const place = `floor((${value} - (${start}::double)) / ${width}::double)`;
  const bin = `cast(greatest(0, least(${place}, ${count - 1})) as integer)`;
  // least() passes over a missing value and would place it in the last bin.
  return `cast(to_json(histogram(${bin}) filter (where ${value} is not null)) as varchar)`;
}
