import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, exactBigint, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea } from "./access";
import { artifactObjects } from "./kernel";

/** A set of training runs. */
export const experiments = pgTable(
  "experiments",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    /** The integer id MLflow clients see; 0 is the default experiment. */
    number: integer("number").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("experiments_number").on(t.workspaceId, t.number),
    uniqueIndex("experiments_name").on(t.workspaceId, t.name),
    tenantPolicy(),
  ],
);

export const experimentTags = pgTable(
  "experiment_tags",
  {
    workspaceId: workspaceId(),
    experimentId: uuid("experiment_id").notNull(),
    key: text("key").notNull(),
    value: text("value").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.experimentId, t.key] }),
    foreignKey({
      columns: [t.workspaceId, t.experimentId],
      foreignColumns: [experiments.workspaceId, experiments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** One training run. The MLflow run id is `id` without dashes. */
export const runs = pgTable(
  "runs",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    experimentId: uuid("experiment_id").notNull(),
    name: text("name").notNull(),
    /** MLflow's words: RUNNING, SCHEDULED, FINISHED, FAILED, KILLED. */
    status: text("status").notNull(),
    userName: text("user_name").notNull().default(""),
    /** Milliseconds since the epoch, as the client gave them. */
    startTime: bigint("start_time", { mode: "number" }).notNull(),
    /** null while the run has not ended. */
    endTime: bigint("end_time", { mode: "number" }),
    createdAt: createdAt(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    // The order of every list that asks for none: the newest first, then the id. It counts the active ones, too.
    index("runs_experiment").on(
      t.workspaceId,
      t.experimentId,
      t.startTime.desc().nullsFirst(),
      t.id,
      t.deletedAt,
    ),
    index("runs_started").on(t.workspaceId, t.startTime.desc().nullsFirst(), t.id),
    index("runs_name").on(t.workspaceId, t.experimentId, sql`${t.name} collate "C"`),
    index("runs_deleted")
      .on(t.workspaceId, t.experimentId, t.startTime.desc().nullsFirst(), t.id)
      .where(sql`deleted_at is not null`),
    foreignKey({
      columns: [t.workspaceId, t.experimentId],
      foreignColumns: [experiments.workspaceId, experiments.id],
    }),
    tenantPolicy(),
  ],
);

const valueHead = () => text("value_head").notNull().generatedAlwaysAs(sql`left(value, 128)`);

/** Parameters are written once. */
export const runParams = pgTable(
  "run_params",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    key: text("key").notNull(),
    value: text("value").notNull(),
    /** The beginning of the value; an index cannot hold all of a long one. */
    valueHead: valueHead(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.key] }),
    index("run_params_value").on(t.workspaceId, t.key, sql`${t.valueHead} collate "C"`, t.runId),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

export const runTags = pgTable(
  "run_tags",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    key: text("key").notNull(),
    value: text("value").notNull(),
    /** The beginning of the value; an index cannot hold all of a long one. */
    valueHead: valueHead(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.key] }),
    index("run_tags_value").on(t.workspaceId, t.key, sql`${t.valueHead} collate "C"`, t.runId),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/**
 * Every metric point; the whole tuple is the key, so a retried batch adds nothing. In partitions by run.
 * A foreign key would cost a quarter of each insert: the writer locks the run instead, and a trigger
 * takes the points away with it (db/grants.sql).
 */
export const runMetrics = pgTable(
  "run_metrics",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    key: text("key").notNull(),
    /** Milliseconds since the epoch. */
    timestamp: exactBigint("timestamp").notNull(),
    step: exactBigint("step").notNull(),
    /** 0 where `isNan`; infinities are clamped to the largest double. */
    value: doublePrecision("value").notNull(),
    isNan: boolean("is_nan").notNull().default(false),
  },
  (t) => [
    primaryKey({
      columns: [t.workspaceId, t.runId, t.key, t.timestamp, t.step, t.value, t.isNan],
    }),
    tenantPolicy(),
  ],
);

/**
 * One row for each metric of a run: its newest point by (step, timestamp, value), and what is known of
 * all of its points. Kept by the statement that adds points, so that a repeated batch changes nothing.
 */
export const runLatestMetrics = pgTable(
  "run_latest_metrics",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    key: text("key").notNull(),
    timestamp: exactBigint("timestamp").notNull(),
    step: exactBigint("step").notNull(),
    value: doublePrecision("value").notNull(),
    isNan: boolean("is_nan").notNull().default(false),
    /** The least and the greatest value that is a number, each with the first step that had it; null when all are NaN. */
    minValue: doublePrecision("min_value"),
    minStep: exactBigint("min_step"),
    maxValue: doublePrecision("max_value"),
    maxStep: exactBigint("max_step"),
    /** Stored points, NaN among them. */
    points: bigint("points", { mode: "number" }).notNull(),
    /** Extent of all points; the last step is `step`. Milliseconds since the epoch. */
    firstStep: exactBigint("first_step").notNull(),
    firstTime: exactBigint("first_time").notNull(),
    lastTime: exactBigint("last_time").notNull(),
    /** Every point up to this timestamp is in `run_metric_rollups`; null before the first rollup. */
    rolledUntil: exactBigint("rolled_until"),
    /** How often a rollup was begun, and the least timestamp that was added since the last time. */
    rollups: integer("rollups").notNull().default(0),
    addedFrom: exactBigint("added_from"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.key] }),
    // What searches filter and sort by; the extremes ride along, so that the table need not be read.
    index("run_latest_metrics_value").on(
      t.workspaceId,
      t.key,
      t.isNan,
      t.value,
      t.runId,
      t.minValue,
      t.maxValue,
    ),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** What charts read of long series, made from the points and made again from them. See metric-rollup.ts. */
export const runMetricRollups = pgTable(
  "run_metric_rollups",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    key: text("key").notNull(),
    /** Little-endian doubles; server/experiments/metric-rollup.ts knows which. */
    data: bytea("data").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.key] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** Datasets a run read, in MLflow's words. */
export const runInputs = pgTable(
  "run_inputs",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    name: text("name").notNull(),
    digest: text("digest").notNull(),
    sourceType: text("source_type").notNull(),
    source: text("source").notNull(),
    schema: text("schema"),
    profile: text("profile"),
    /** What the run used it for ("train", "eval"); empty when the client did not say. */
    context: text("context").notNull().default(""),
    /** { key, value }[] as the client sent them. */
    tags: jsonb("tags").notNull().default([]),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.name, t.digest] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** Files of a run: a path in the run, the content hash it stands for. */
export const runArtifacts = pgTable(
  "run_artifacts",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    path: text("path").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.path] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);
