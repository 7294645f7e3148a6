import { sql } from "drizzle-orm";
import {
  bigint,
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
import { runs } from "./experiments";
import { models, modelVersions } from "./registry";

/** A request to train one version; also the queue, with its lease. */
export const trainingJobs = pgTable(
  "training_jobs",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    modelId: uuid("model_id").notNull(),
    datasetId: uuid("dataset_id").notNull(),
    runId: uuid("run_id").notNull(),
    versionId: uuid("version_id"),
    algorithm: text("algorithm").notNull(),
    /** classification or regression */
    task: text("task").notNull(),
    target: text("target").notNull(),
    /** Names of the columns to learn from; null: every column but the target. */
    features: jsonb("features"),
    hyperparameters: jsonb("hyperparameters").notNull().default({}),
    validationSplit: doublePrecision("validation_split").notNull(),
    testSplit: doublePrecision("test_split").notNull(),
    seed: bigint("seed", { mode: "number" }).notNull(),
    versionLabel: text("version_label"),
    description: text("description").notNull().default(""),
    /** Higher runs first. */
    priority: integer("priority").notNull().default(0),
    /** queued, running, completed, failed, cancelled */
    status: text("status").notNull(),
    /** 0 to 1 */
    progress: doublePrecision("progress").notNull().default(0),
    /** Why it waits, for a person; null when there is nothing to say. */
    message: text("message"),
    /** What a person should read when it failed. */
    error: text("error"),
    /** Starts of the trainer process so far. */
    attempt: integer("attempt").notNull().default(0),
    /** When background work let it into the queue; null: not yet. */
    submittedAt: instant("submitted_at"),
    /** A retry waits until then. */
    notBefore: instant("not_before"),
    /** Fence: only the holder of the token may write for the job. */
    leaseToken: uuid("lease_token"),
    /** Which worker process holds the lease, so that its successor need not wait for the end. */
    leaseOwner: text("lease_owner"),
    leaseUntil: instant("lease_until"),
    /** Where the trainer runs: { backend, handle }; null while queued. */
    backendRef: jsonb("backend_ref"),
    /** When the trainer ended well; its slot is free and the version is being registered. */
    trainedAt: instant("trained_at"),
    cancelRequestedAt: instant("cancel_requested_at"),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("training_jobs_created").on(t.workspaceId, t.createdAt, t.id),
    index("training_jobs_run").on(t.workspaceId, t.runId),
    index("training_jobs_due")
      .on(t.priority.desc(), t.createdAt)
      .where(sql`status in ('queued', 'running')`),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }),
    foreignKey({ columns: [t.workspaceId, t.runId], foreignColumns: [runs.workspaceId, runs.id] }),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }),
    tenantPolicy(),
  ],
);

/** The output of a job in pieces; `offsetBytes` is where the piece starts. */
export const trainingLogs = pgTable(
  "training_logs",
  {
    workspaceId: workspaceId(),
    jobId: uuid("job_id").notNull(),
    offsetBytes: bigint("offset_bytes", { mode: "number" }).notNull(),
    text: text("text").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.jobId, t.offsetBytes] }),
    index("training_logs_time").on(t.workspaceId, t.jobId, t.createdAt, t.offsetBytes),
    foreignKey({
      columns: [t.workspaceId, t.jobId],
      foreignColumns: [trainingJobs.workspaceId, trainingJobs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
