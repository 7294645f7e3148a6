import type { Duck } from "@/server/kernel/process/duck";
import type { ColumnType } from "../constants";
import type { DatasetColumn } from "../schemas";
import { type Column, isNumber, isTime } from "./column";
import { countColumns } from "./count-columns";
import { histograms } from "./histograms";
import { topValues } from "./text-profile";

/** Columns one query asks about; planning a wider one takes more than its share. */
const COLUMNS_A_QUERY = 10;

/** Profiles every column of the table `data`. */
export async function describeColumns(
  duck: Duck,
  columns: readonly { name: string; type: ColumnType }[],
  rows: number,
): Promise<DatasetColumn[]> {
  const keyed = columns.map((column, i): Column => ({ ...column, key: `c${i}` }));
  const described: DatasetColumn[] = [];
  for (let first = 0; first < keyed.length; first += COLUMNS_A_QUERY) {
    const part = keyed.slice(first, first + COLUMNS_A_QUERY);
    const counted = await countColumns(duck, part, rows);
    const bars = await histograms(duck, counted);
    for (const [i, one] of counted.entries()) {
      const { name, type } = one.column;
      const { distinct, min, max, mean, stddev } = one;
      const shared = { name, type, nullCount: rows - one.values, distinct, min, max };
      const histogram = bars[i] ? { histogram: bars[i] } : {};
      if (isNumber(type)) described.push({ ...shared, mean, stddev, ...histogram });
      else if (isTime(type)) described.push({ ...shared, ...histogram });
      else described.push({ ...shared, topValues: await topValues(duck, one) });
    }
  }
  return described;
}
