import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { COLUMN_TYPES, DATASET_FORMATS, PREVIEW_PAGE_MAX } from "./constants";

/** Names end up in URLs and file names; this keeps them harmless in both. */
export const datasetName = z
  .string()
  .normalize("NFKC")
  .trim()
  .min(1, "give the dataset a name")
  .max(200)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
    "may hold letters, digits, spaces, dots, dashes and underscores, and begins with a letter or digit",
  )
  .refine((name) => !name.includes(".."), "may not hold two dots in a row")
  .refine((name) => !z.uuid().safeParse(name).success, "may not look like an id");

/** The text fields of an upload; the file comes beside them. */
export const uploadDatasetInput = z.strictObject({
  name: datasetName,
  description: z.string().max(10_000).default(""),
});

export const listDatasetsInput = pageQuery.extend({
  search: z.string().trim().max(200).optional().describe("Part of the name or description."),
  format: z.enum(DATASET_FORMATS).optional(),
  versions: z
    .enum(["newest", "all"])
    .default("newest")
    .describe("Only the newest version of each name, or every version."),
  sort: z.enum(["createdAt", "name", "rows", "sizeBytes"]).default("createdAt"),
});

export const datasetRef = z.object({
  dataset: z.string().min(1).max(200).describe("Id, or name for its newest version."),
});

export const previewDatasetInput = datasetRef.extend({
  limit: z.coerce.number().int().min(1).max(PREVIEW_PAGE_MAX).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
});

const histogram = z
  .object({
    edges: z.array(z.number()).describe("One more than counts; milliseconds for dates."),
    counts: z.array(z.number().int()),
  })
  .describe("Equal-width bins; every bin holds its left edge, the last one both.");

const bound = z.union([z.number(), z.string(), z.boolean()]).nullable();

export const datasetColumn = z.object({
  name: z.string(),
  type: z.enum(COLUMN_TYPES),
  nullCount: z.number().int(),
  /** Exact up to a million rows, an estimate (HyperLogLog) above. */
  distinct: z.number().int(),
  /** null when every value is missing; ISO text for dates. */
  min: bound,
  max: bound,
  mean: z.number().nullable().optional().describe("Number columns only."),
  stddev: z.number().nullable().optional().describe("Of the sample; number columns only."),
  histogram: histogram.optional().describe("Number, date and timestamp columns."),
  topValues: z
    .array(z.object({ value: z.union([z.string(), z.boolean()]), count: z.number().int() }))
    .optional()
    .describe("Most frequent first; text and boolean columns."),
});
export type DatasetColumn = z.infer<typeof datasetColumn>;

export const datasetSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  version: z.number().int(),
  description: z.string(),
  format: z.enum(DATASET_FORMATS),
  /** What separates the fields of a CSV; null for Parquet. */
  delimiter: z.string().nullable(),
  rows: z.number().int(),
  columnCount: z.number().int(),
  sizeBytes: z.number().int(),
  sha256: z.string(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
});
export type DatasetSummary = z.infer<typeof datasetSummary>;

export const datasetDto = datasetSummary.extend({ columns: z.array(datasetColumn) });
export type DatasetDto = z.infer<typeof datasetDto>;

export const cell = z.union([z.string(), z.number(), z.boolean()]).nullable();
export type Cell = z.infer<typeof cell>;

export const datasetPreview = z.object({
  datasetId: z.uuid(),
  columns: z.array(z.object({ name: z.string(), type: z.enum(COLUMN_TYPES) })),
  rows: z.array(z.record(z.string(), cell)),
  offset: z.number().int(),
  /** Rows a preview can reach: the first ones. */
  availableRows: z.number().int(),
  totalRows: z.number().int(),
});
export type DatasetPreview = z.infer<typeof datasetPreview>;

/** What the profile process answers. */
export const datasetProfile = z.object({
  format: z.enum(DATASET_FORMATS),
  delimiter: z.string().nullable(),
  rows: z.number().int(),
  columns: z.array(datasetColumn),
  /** First rows, cells in the order of the columns. */
  preview: z.array(z.array(cell)),
});
export type DatasetProfile = z.infer<typeof datasetProfile>;
