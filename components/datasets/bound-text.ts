import { formatMetric } from "@/components/ui/format";
import type { DatasetColumn } from "@/server/datasets/schemas";

/** A bound of a column as text. */
export function boundText(bound: DatasetColumn["min"]): string {
  if (bound === null) return "–";
  return typeof bound === "number" ? formatMetric(bound) : String(bound);
}
