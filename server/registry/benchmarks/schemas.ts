import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { modelRef } from "../schemas";
import { BENCHMARK_ROWS_MAX, BENCHMARK_STATUSES, BENCHMARK_VERSIONS_MAX } from "./constants";

export const benchmarkRequest = z.strictObject({
  dataset: z.string().min(1).max(200).describe("Id, or name for its newest version."),
  versions: z
    .array(z.string().min(1).max(40))
    .min(1)
    .max(BENCHMARK_VERSIONS_MAX)
    .describe("Number, id or `latest`."),
  target: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe("The column that holds the truth; the one the versions were made for when absent."),
  rowsMax: z.number().int().min(1).max(BENCHMARK_ROWS_MAX).default(10_000),
});
export const createBenchmarkInput = z.strictObject({
  ...modelRef.shape,
  ...benchmarkRequest.shape,
});

export const benchmarkRef = z.object({ benchmark: z.uuid() });
export const listBenchmarksInput = modelRef.extend(pageQuery.shape);

const definition = z.object({ better: z.enum(["higher", "lower"]), definition: z.string() });

export const benchmarkDto = z.object({
  id: z.uuid(),
  modelId: z.uuid(),
  datasetId: z.uuid(),
  datasetName: z.string(),
  datasetVersion: z.number().int(),
  target: z.string(),
  rowsMax: z.number().int(),
  status: z.enum(BENCHMARK_STATUSES),
  /** 0 to 1 */
  progress: z.number(),
  error: z.string().nullable(),
  results: z.array(
    z.object({
      versionId: z.uuid(),
      versionNumber: z.number().int(),
      status: z.enum(["pending", "completed", "failed"]),
      /** Rows that were predicted and had a truth. */
      rows: z.number().int(),
      /** null where a metric is not defined for these rows. */
      metrics: z.record(z.string(), z.number().nullable()),
      /** What the node computed for all rows, milliseconds. */
      durationMs: z.number().nullable(),
      error: z.string().nullable(),
    }),
  ),
  /** What each metric of the results is. */
  definitions: z.record(z.string(), definition),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});
export type BenchmarkDto = z.infer<typeof benchmarkDto>;
