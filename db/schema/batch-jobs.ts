import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
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
import { deployments } from "./deployments";
import { artifactObjects } from "./kernel";
import { models, modelVersions } from "./registry";

/** The rows of a dataset on their way through one model version. */
export const batchJobs = pgTable(
  "batch_jobs",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    /** Whose version it took; null where a version was named. */
    deploymentId: uuid("deployment_id"),
    modelId: uuid("model_id").notNull(),
    /** Chosen when the job was made, whatever the deployment serves later. */
    versionId: uuid("version_id").notNull(),
    datasetId: uuid("dataset_id").notNull(),
    /** Names of the columns of the dataset that go into the result. */
    columns: jsonb("columns").notNull().default([]),
    probabilities: boolean("probabilities").notNull(),
    /** What a row without an answer does: skip, fail */
    onError: text("on_error").notNull(),
    /** More rows without an answer fail the job. */
    maxErrors: integer("max_errors").notNull(),
    /** queued, running, completed, failed, cancelled */
    status: text("status").notNull(),
    /** Why it waits, for a person; null when there is nothing to say. */
    message: text("message"),
    /** What a person should read when it failed. */
    error: text("error"),
    /** Counts its starts; work of an earlier one is left out. */
    attempt: integer("attempt").notNull().default(1),
    /** The run of background work that does it; null before the first. */
    runRef: text("run_ref"),
    rowsTotal: bigint("rows_total", { mode: "number" }).notNull(),
    /** The checkpoint: every row before this one is answered or failed, and that is committed. */
    rowsRead: bigint("rows_read", { mode: "number" }).notNull().default(0),
    rowsFailed: bigint("rows_failed", { mode: "number" }).notNull().default(0),
    /** Time spent between checkpoints, milliseconds; waiting for other jobs is not in it. */
    workMs: bigint("work_ms", { mode: "number" }).notNull().default(0),
    /** Since when no node answers; null while they do. */
    stalledSince: instant("stalled_since"),
    /** The file with all answers; null until the job is completed. */
    resultSha256: text("result_sha256"),
    resultBytes: bigint("result_bytes", { mode: "number" }),
    /** When retention took the result away; null while nothing did. */
    resultExpiredAt: instant("result_expired_at"),
    /** { columns, rows }: the first rows of the result. */
    preview: jsonb("preview"),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("batch_jobs_created").on(t.workspaceId, t.createdAt, t.id),
    index("batch_jobs_open")
      .on(t.workspaceId, t.createdAt)
      .where(sql`status in ('queued', 'running')`),
    foreignKey({
      columns: [t.workspaceId, t.deploymentId],
      foreignColumns: [deployments.workspaceId, deployments.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.resultSha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);

/** Answers up to a checkpoint, until they are in the result. */
export const batchJobParts = pgTable(
  "batch_job_parts",
  {
    workspaceId: workspaceId(),
    jobId: uuid("job_id").notNull(),
    fromRow: bigint("from_row", { mode: "number" }).notNull(),
    /** The first row behind it. */
    toRow: bigint("to_row", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.jobId, t.fromRow] }),
    foreignKey({
      columns: [t.workspaceId, t.jobId],
      foreignColumns: [batchJobs.workspaceId, batchJobs.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);

/** Rows that got no answer, the first ones of a job. */
export const batchJobErrors = pgTable(
  "batch_job_errors",
  {
    workspaceId: workspaceId(),
    jobId: uuid("job_id").notNull(),
    /** From 1, as people count. */
    row: bigint("row", { mode: "number" }).notNull(),
    message: text("message").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.jobId, t.row] }),
    foreignKey({
      columns: [t.workspaceId, t.jobId],
      foreignColumns: [batchJobs.workspaceId, batchJobs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
