import type { EvaluationDatasetDto, EvaluationRecordDto } from "@/server/experiments";
import { invalidParameter } from "./errors";
import { hexId } from "./wire";

const ms = (iso: string): number => Date.parse(iso);

const filled = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

const datasetHexId = (id: string): string => `d-${hexId(id)}`;

export const toWireDataset = (dataset: EvaluationDatasetDto) => ({
  dataset_id: datasetHexId(dataset.id),
  name: dataset.name,
  tags: JSON.stringify(dataset.tags),
  digest: dataset.digest,
  created_time: ms(dataset.createdAt),
  last_update_time: ms(dataset.updatedAt),
  ...filled({
    schema: dataset.schema && JSON.stringify(dataset.schema),
    profile: dataset.recordCount > 0 ? JSON.stringify({ num_records: dataset.recordCount }) : null,
    created_by: dataset.createdBy,
    last_updated_by: dataset.updatedBy,
  }),
});

/** A record as it stands in the list that clients get as text. */
export const toWireRecord = (record: EvaluationRecordDto) => ({
  dataset_record_id: `dr-${hexId(record.id)}`,
  dataset_id: datasetHexId(record.datasetId),
  inputs: record.inputs,
  tags: record.tags,
  created_time: ms(record.createdAt),
  last_update_time: ms(record.updatedAt),
  ...filled({
    outputs: record.outputs,
    expectations: record.expectations,
    source: record.source,
    source_id: sourceIdOf(record.source),
    source_type: record.source?.source_type ?? null,
    created_by: record.createdBy,
    last_updated_by: record.updatedBy,
  }),
});

function sourceIdOf(source: EvaluationRecordDto["source"]): string | null {
  const id = source?.source_data[source.source_type === "TRACE" ? "trace_id" : "source_id"];
  return typeof id === "string" ? id : null;
}

/** The JSON that a field holds as text. Throws INVALID_PARAMETER_VALUE, for NaN too. */
export function jsonIn(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidParameter(`Invalid value for parameter '${name}' supplied: it is no JSON.`);
  }
}

/** Tags that a field holds as JSON; numbers and truth values as Python writes them, null left alone. */
export function tagsIn(text: string | undefined): Record<string, string | null> {
  const value = text ? jsonIn(text, "tags") : {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidParameter("Invalid value for parameter 'tags' supplied: it is no object.");
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asTag(one)]));
}

function asTag(value: unknown): string | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

export const withoutNull = (tags: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null),
  );
