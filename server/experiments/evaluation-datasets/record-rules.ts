import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type DatasetSchema, type RecordInput, type RecordSource, USER_TAG } from "./schemas";

/** What a record says, as it is stored. */
export interface RecordBody {
  inputs: Record<string, unknown>;
  outputs: unknown;
  expectations: Record<string, unknown> | null;
  tags: Record<string, string>;
  source: RecordSource | null;
  createdBy: string | null;
  updatedBy: string | null;
}

/** Two records with the same inputs, in whatever order of keys, are one. */
export const inputHash = (inputs: Record<string, unknown>): string =>
  createHash("sha256")
    .update(canonicalize(inputs) ?? "{}")
    .digest("hex");

export function newBody(record: RecordInput): RecordBody {
  const tags = record.tags ?? {};
  const by = tags[USER_TAG] ?? null;
  return {
    inputs: record.inputs,
    outputs: record.outputs === undefined ? {} : record.outputs,
    expectations: record.expectations ?? null,
    tags,
    source: record.source
      ? { source_type: record.source.source_type, source_data: record.source.source_data ?? {} }
      : null,
    createdBy: by,
    updatedBy: by,
  };
}

/** A record sent again: its outputs are replaced, its expectations and tags joined; its source stays. */
export function mergedBody<B extends RecordBody>(before: B, record: RecordInput): B {
  const expectations = record.expectations ?? {};
  const tags = record.tags ?? {};
  return {
    ...before,
    outputs: record.outputs === undefined ? before.outputs : record.outputs,
    expectations:
      Object.keys(expectations).length > 0
        ? { ...before.expectations, ...expectations }
        : before.expectations,
    tags: { ...before.tags, ...tags },
    updatedBy: tags[USER_TAG] ?? before.updatedBy,
  };
}

/** Outputs as their column holds them: within an object, since a column of JSON reads "1" as 1. */
export const wrapped = (outputs: unknown): { value: unknown } | null =>
  outputs === null ? null : { value: outputs };

export const unwrapped = (column: unknown): unknown =>
  (column as { value: unknown } | null)?.value ?? null;

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float";
  return typeof value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first type seen of each field stays. */
function withTypes(known: Record<string, string>, values: Record<string, unknown>) {
  const seen = Object.entries(values).map(([key, value]) => [key, typeName(value)]);
  return { ...Object.fromEntries(seen), ...known } as Record<string, string>;
}

/** A schema that knows the fields of more records, too. */
export function grownSchema(before: DatasetSchema | null, records: RecordInput[]): DatasetSchema {
  const schema: DatasetSchema = structuredClone(
    before ?? { inputs: {}, outputs: {}, expectations: {}, version: "1.0" },
  );
  for (const { inputs, outputs, expectations } of records) {
    schema.inputs = withTypes(schema.inputs, inputs);
    schema.expectations = withTypes(schema.expectations, expectations ?? {});
    if (typeof schema.outputs === "string" || outputs === undefined || outputs === null) continue;
    if (isObject(outputs)) schema.outputs = withTypes(schema.outputs, outputs);
    else if (Object.keys(schema.outputs).length === 0) schema.outputs = typeName(outputs);
  }
  return schema;
}
