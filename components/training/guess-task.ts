import type { DatasetColumn } from "@/server/datasets/schemas";
import type { Task } from "@/server/training/catalog";

/** Up to this many different whole numbers look like classes. */
const CLASSES_LIKELY = 20;

/** What one most likely wants to do with a target column; people can choose otherwise. */
export function guessTask(column: Pick<DatasetColumn, "type" | "distinct">): Task {
  if (column.type === "number") return column.distinct <= 2 ? "classification" : "regression";
  if (column.type === "integer") {
    return column.distinct <= CLASSES_LIKELY ? "classification" : "regression";
  }
  return "classification";
}
