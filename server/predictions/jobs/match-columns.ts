import type { DatasetColumn, ScanColumn, ScanInput } from "@/server/datasets";
import { mayFeed } from "@/server/datasets";
import type { Issue } from "@/server/kernel/errors";
import type { Signature } from "@/server/protocols/open-inference/codec";

/** Problems that are told of one dataset at most. */
const ISSUES_MAX = 20;

/** How a table is read for a model. */
export interface Reading {
  columns: ScanColumn[];
  inputs: ScanInput[];
}

/**
 * Finds the column of each feature by its name and says what stands against it: a column that is not
 * there, or that holds days where the model takes numbers. Pure.
 */
export function matchColumns(
  columns: readonly Pick<DatasetColumn, "name" | "type" | "nullCount">[],
  signature: Pick<Signature, "features" | "inputs">,
): Reading | { issues: Issue[] } {
  const places = new Map(columns.map(({ name }, place) => [name, place]));
  const features = new Map(signature.features.map((feature) => [feature.name, feature]));
  const issues: Issue[] = [];
  const inputs = signature.inputs.map(({ datatype, columns: names }) => ({
    datatype: datatype as ScanInput["datatype"],
    features: names.flatMap((name) => {
      const feature = features.get(name);
      const place = places.get(name);
      const column = place === undefined ? undefined : columns[place];
      if (!feature) return [];
      if (feature.type === "image") {
        issues.push({
          path: "deployment",
          message: `takes images as ${name}, which no table holds`,
        });
        return [];
      }
      if (place === undefined || !column) {
        issues.push({ path: "dataset", message: `has no column ${name}` });
        return [];
      }
      if (!mayFeed(column.type, feature.type)) {
        const message = `column ${name} holds ${column.type}s, the model takes a ${feature.type}`;
        issues.push({ path: "dataset", message });
      }
      return [{ name, type: feature.type, nullable: feature.nullable, column: place }];
    }),
  }));
  if (issues.length > 0) return { issues: issues.slice(0, ISSUES_MAX) };
  return {
    columns: columns.map(({ name, type, nullCount }) => ({
      name,
      type,
      hasMissing: nullCount > 0,
    })),
    inputs,
  };
}
