import type { Issue } from "@/server/kernel/errors";
import { catalog, type Task } from "../catalog";
import { suggestion } from "./near-matches";

/** What the dataset's profile says of a column; `type` in the words of the datasets slice. */
export interface ProfiledColumn {
  name: string;
  type: string;
  nullCount: number;
  distinct: number;
}

export interface DataRequest {
  columns: readonly ProfiledColumn[];
  rows: number;
  target: string;
  /** null: every column but the target. */
  features: readonly string[] | null;
  task: Task;
}

const NUMERIC = new Set(["integer", "number"]);

/** Whether the table can teach the target, by its profile alone; empty when nothing speaks against it. */
export function checkData(request: DataRequest): Issue[] {
  const target = request.columns.find(({ name }) => name === request.target);
  const names = request.columns.map(({ name }) => name);
  if (!target) {
    const message = `is no column of this dataset. ${suggestion(request.target, names)}`;
    return [{ path: "target", message }, ...checkFeatures(request, names)];
  }
  return [...checkTarget(request, target), ...checkFeatures(request, names)];
}

function checkTarget({ rows, task }: DataRequest, target: ProfiledColumn): Issue[] {
  const issue = (message: string): Issue[] => [{ path: "target", message }];
  const { limits } = catalog;
  const usable = rows - target.nullCount;
  if (usable === 0) return issue("has no value in any row");
  if (target.distinct <= 1) {
    return issue(
      task === "classification"
        ? "has one class only: a classifier needs at least two"
        : "has the same value in every row: there is nothing to learn",
    );
  }
  if (task === "regression" && !NUMERIC.has(target.type)) {
    return issue(`is a ${target.type} column: a regression needs a numeric target`);
  }
  if (task === "classification" && target.distinct > limits.classesMax) {
    return issue(
      `has ${target.distinct} different values, and a classifier takes ${limits.classesMax} classes at most. For numbers make a model of type regression`,
    );
  }
  if (usable < limits.rowsMin) {
    return issue(`has a value in ${usable} rows, and at least ${limits.rowsMin} are needed`);
  }
  return [];
}

function checkFeatures(request: DataRequest, names: string[]): Issue[] {
  const { features, target, columns } = request;
  const path = "features";
  if (features?.includes(target)) {
    return [{ path, message: `name the target ${target}: it cannot be a feature as well` }];
  }
  const unknown = features?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) {
    return unknown.slice(0, 5).map((name) => ({
      path,
      message: `the model takes ${name}, which is no column of this dataset. ${suggestion(name, names)}`,
    }));
  }
  const used = columns.filter(({ name }) => (features ? features.includes(name) : name !== target));
  if (used.length === 0) return [{ path, message: "there is no column beside the target" }];
  if (used.length > catalog.limits.featuresMax) {
    const message = `the dataset has ${used.length} feature columns, and ${catalog.limits.featuresMax} can be used at most`;
    return [{ path, message }];
  }
  if (used.every(({ nullCount }) => nullCount >= request.rows)) {
    return [{ path, message: "every feature column is empty in all rows" }];
  }
  if (used.every(({ distinct }) => distinct <= 1)) {
    return [{ path, message: "every feature column has the same value in all rows" }];
  }
  return [];
}
