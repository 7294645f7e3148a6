import {
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { datasets } from "./datasets";
import { models, modelVersions } from "./registry";

/** Versions of a model measured on the rows of one dataset. */
export const benchmarks = pgTable(
  "benchmarks",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    modelId: uuid("model_id").notNull(),
    datasetId: uuid("dataset_id").notNull(),
    datasetSha256: text("dataset_sha256").notNull(),
    /** The column that holds the truth. */
    target: text("target").notNull(),
    /** Rows that are read at most, from the first on. */
    rowsMax: integer("rows_max").notNull(),
    /** queued, running, completed, failed, cancelled */
    status: text("status").notNull(),
    /** 0 to 1 */
    progress: doublePrecision("progress").notNull().default(0),
    /** What a person should read when it failed; null else. */
    error: text("error"),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("benchmarks_model").on(t.workspaceId, t.modelId, t.createdAt, t.id),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }),
    tenantPolicy(),
  ],
);

/** What one version reached. */
export const benchmarkResults = pgTable(
  "benchmark_results",
  {
    workspaceId: workspaceId(),
    benchmarkId: uuid("benchmark_id").notNull(),
    versionId: uuid("version_id").notNull(),
    /** pending, completed, failed */
    status: text("status").notNull(),
    /** Rows that were predicted and had a truth. */
    rows: integer("rows").notNull().default(0),
    /** { name: value }; null where a metric is not defined for these rows. */
    metrics: jsonb("metrics").notNull().default({}),
    /** Time of the node for all rows, milliseconds; null until measured. */
    durationMs: doublePrecision("duration_ms"),
    error: text("error"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.benchmarkId, t.versionId] }),
    index("benchmark_results_version").on(t.workspaceId, t.versionId),
    foreignKey({
      columns: [t.workspaceId, t.benchmarkId],
      foreignColumns: [benchmarks.workspaceId, benchmarks.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
