import { z } from "zod";
import { LIMITS } from "../constants";
import { storedText } from "../schemas";

/** The tag by which clients say who calls. */
export const USER_TAG = "mlflow.user";

/** Records of one call. */
export const RECORDS_MAX = 10_000;

export const RECORD_SOURCES = ["UNSPECIFIED", "TRACE", "HUMAN", "DOCUMENT", "CODE"] as const;

/** An id as the database holds it, or with the prefix and without the dashes clients know. */
export const datasetRef = z.string().max(100);

const tagKey = storedText(LIMITS.key).min(1);
export const datasetTags = z
  .record(tagKey, storedText(LIMITS.tagValue))
  .refine((tags) => Object.keys(tags).length <= 1000, "holds too many tags");

export const experimentNumbers = z.array(z.int().min(0).max(999_999_999)).max(1000);

const jsonObject = z.record(z.string(), z.unknown());

/** A record as clients send it; one without outputs had none to compare with. */
export const recordInput = z.object({
  inputs: jsonObject.default({}),
  outputs: z.unknown().optional(),
  expectations: jsonObject.nullish(),
  tags: z
    .record(tagKey, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .nullish(),
  source: z
    .object({
      source_type: z.string().toUpperCase().pipe(z.enum(RECORD_SOURCES)),
      source_data: jsonObject.nullish(),
    })
    .nullish(),
});
export type RecordInput = z.output<typeof recordInput>;

export interface RecordSource {
  source_type: (typeof RECORD_SOURCES)[number];
  source_data: Record<string, unknown>;
}

/** The type of each field of the records, as MLflow names types. */
export interface DatasetSchema {
  inputs: Record<string, string>;
  /** A type itself where outputs are no objects. */
  outputs: Record<string, string> | string;
  expectations: Record<string, string>;
  version: "1.0";
}

export interface EvaluationDatasetDto {
  id: string;
  name: string;
  digest: string;
  tags: Record<string, string>;
  schema: DatasetSchema | null;
  recordCount: number;
  createdBy: string | null;
  updatedBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface EvaluationRecordDto {
  id: string;
  datasetId: string;
  inputs: Record<string, unknown>;
  /** null when there are none. */
  outputs: unknown;
  expectations: Record<string, unknown> | null;
  tags: Record<string, string>;
  source: RecordSource | null;
  createdBy: string | null;
  updatedBy: string | null;
  createdAt: string;
  updatedAt: string;
}
