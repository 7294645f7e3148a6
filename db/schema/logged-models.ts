import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, exactBigint, instant, tenantPolicy, workspaceId } from "../columns";
import { experiments, runs } from "./experiments";
import { artifactObjects } from "./kernel";

/** A model a client logged from a run, before anybody registers it. MLflow's id is `m-` and `id` without dashes. */
export const loggedModels = pgTable(
  "logged_models",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    experimentId: uuid("experiment_id").notNull(),
    /** null: logged outside a run. */
    sourceRunId: uuid("source_run_id"),
    name: text("name").notNull(),
    modelType: text("model_type").notNull().default(""),
    /** LOGGED_MODEL_PENDING, LOGGED_MODEL_READY, LOGGED_MODEL_UPLOAD_FAILED */
    status: text("status").notNull(),
    /** { key: value } of text; a parameter is written once, a tag may change. */
    params: jsonb("params").notNull().default({}),
    tags: jsonb("tags").notNull().default({}),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("logged_models_experiment").on(t.workspaceId, t.experimentId, t.createdAt, t.id),
    foreignKey({
      columns: [t.workspaceId, t.experimentId],
      foreignColumns: [experiments.workspaceId, experiments.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.sourceRunId],
      foreignColumns: [runs.workspaceId, runs.id],
    }),
    tenantPolicy(),
  ],
);

/** Logged models a run read (input) or made (output). */
export const runModels = pgTable(
  "run_models",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    /** input, output */
    direction: text("direction").notNull(),
    modelId: uuid("model_id").notNull(),
    /** The step an output belongs to; 0 for inputs. */
    step: bigint("step", { mode: "number" }).notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.direction, t.modelId] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [loggedModels.workspaceId, loggedModels.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** Files of a logged model. */
export const loggedModelArtifacts = pgTable(
  "logged_model_artifacts",
  {
    workspaceId: workspaceId(),
    modelId: uuid("model_id").notNull(),
    path: text("path").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.modelId, t.path] }),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [loggedModels.workspaceId, loggedModels.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);

/** Metric points that a run logged about a model; the whole tuple is the key, as of run_metrics. */
export const loggedModelMetrics = pgTable(
  "logged_model_metrics",
  {
    workspaceId: workspaceId(),
    modelId: uuid("model_id").notNull(),
    key: text("key").notNull(),
    runId: uuid("run_id").notNull(),
    /** Milliseconds since the epoch. */
    timestamp: exactBigint("timestamp").notNull(),
    step: exactBigint("step").notNull(),
    /** 0 where `isNan`; infinities are clamped to the largest double. */
    value: doublePrecision("value").notNull(),
    isNan: boolean("is_nan").notNull().default(false),
    /** What it was measured on; both empty when the client did not say. */
    datasetName: text("dataset_name").notNull().default(""),
    datasetDigest: text("dataset_digest").notNull().default(""),
    /** Both in short: with the name itself a key could outgrow a page of the index. */
    datasetKey: text("dataset_key")
      .notNull()
      .generatedAlwaysAs(sql`md5(dataset_digest || ' ' || dataset_name)`),
  },
  (t) => [
    primaryKey({
      columns: [
        t.workspaceId,
        t.modelId,
        t.key,
        t.datasetKey,
        t.step,
        t.timestamp,
        t.value,
        t.isNan,
        t.runId,
      ],
    }),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [loggedModels.workspaceId, loggedModels.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
