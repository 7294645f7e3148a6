import { sql } from "drizzle-orm";
import {
  bigint,
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
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { datasets } from "./datasets";
import { runs } from "./experiments";
import { artifactObjects } from "./kernel";

/** A registered model: a name under which versions are kept. */
export const models = pgTable(
  "models",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    type: text("type").notNull(),
    framework: text("framework").notNull(),
    /** Names of the features the model is meant to take; null until known. */
    features: jsonb("features"),
    targetVariable: text("target_variable"),
    hyperparameters: jsonb("hyperparameters").notNull().default({}),
    tags: jsonb("tags").notNull().default({}),
    /** Model card in Markdown. */
    card: text("card").notNull().default(""),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    // Exact, because MLflow's clients tell names apart by case; our own verb refuses a twin.
    uniqueIndex("models_name").on(t.workspaceId, t.name).where(sql`deleted_at is null`),
    index("models_name_lower")
      .on(t.workspaceId, sql`lower(${t.name})`)
      .where(sql`deleted_at is null`),
    // The order of searches by name, whatever the database's own.
    index("models_name_order")
      .on(t.workspaceId, sql`${t.name} collate "C"`)
      .where(sql`deleted_at is null`),
    index("models_created").on(t.workspaceId, t.createdAt, t.id).where(sql`deleted_at is null`),
    tenantPolicy(),
  ],
);

/** One immutable version of a model. */
export const modelVersions = pgTable(
  "model_versions",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    modelId: uuid("model_id").notNull(),
    /** 1, 2, 3 … within the model. */
    number: integer("number").notNull(),
    /** The version name people gave, for instance 1.2.0. */
    label: text("label"),
    /** Semantic version without build metadata, such as 1.2.0-rc.1; unique within the model. */
    semanticVersion: text("semantic_version"),
    description: text("description").notNull().default(""),
    parentVersionId: uuid("parent_version_id"),
    runId: uuid("run_id"),
    datasetId: uuid("dataset_id"),
    datasetSha256: text("dataset_sha256"),
    /** The training job that made it; unique, so a repeated job step registers once. */
    trainingJobId: uuid("training_job_id"),
    algorithm: text("algorithm"),
    task: text("task").notNull(),
    hyperparameters: jsonb("hyperparameters").notNull().default({}),
    /** { validation: {name: value}, test: {name: value} } */
    metrics: jsonb("metrics").notNull().default({}),
    /** What the deployable file takes and gives; null while there is no such file. */
    signature: jsonb("signature"),
    /** Counts the changes of the signature; 1 is the one it came with. */
    signatureRevision: integer("signature_revision").notNull().default(1),
    inputExample: jsonb("input_example"),
    environment: jsonb("environment").notNull().default({}),
    /** { rows, maxAbsDiff, labelFlips, tolerance } */
    parity: jsonb("parity"),
    seed: bigint("seed", { mode: "number" }),
    durationSeconds: integer("duration_seconds"),
    stage: text("stage").notNull().default("development"),
    /** Where an MLflow client said the files are; null for versions our trainers made. */
    source: text("source"),
    /** Where they are when not in our store: `source`, followed through the versions it names. */
    sourceLocation: text("source_location"),
    /** The run as the client named it; run_id is set beside it where we know that run. */
    sourceRun: text("source_run"),
    /** The logged model it came from, which may be gone by now. */
    sourceModelId: uuid("source_model_id"),
    /** Address of the run's page elsewhere; empty when the client gave none. */
    runLink: text("run_link").notNull().default(""),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** A deleted version keeps its number and its files. */
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("model_versions_updated").on(t.workspaceId, t.updatedAt).where(sql`deleted_at is null`),
    index("model_versions_order").on(t.workspaceId, t.number).where(sql`deleted_at is null`),
    index("model_versions_created").on(t.workspaceId, t.createdAt).where(sql`deleted_at is null`),
    index("model_versions_source_run")
      .on(t.workspaceId, t.sourceRun)
      .where(sql`source_run is not null`),
    index("model_versions_run").on(t.workspaceId, t.runId).where(sql`run_id is not null`),
    uniqueIndex("model_versions_number").on(t.workspaceId, t.modelId, t.number),
    uniqueIndex("model_versions_semantic")
      .on(t.workspaceId, t.modelId, t.semanticVersion)
      .where(sql`semantic_version is not null`),
    uniqueIndex("model_versions_training_job")
      .on(t.workspaceId, t.trainingJobId)
      .where(sql`training_job_id is not null`),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.parentVersionId],
      foreignColumns: [t.workspaceId, t.id],
    }),
    tenantPolicy(),
  ],
);

/**
 * Files of a version. The deployable one is kind `model`, path `model.onnx`; what an MLflow client
 * logged is `mlflow-model`, and `quarantined` where loading it would run code.
 */
export const modelVersionArtifacts = pgTable(
  "model_version_artifacts",
  {
    workspaceId: workspaceId(),
    versionId: uuid("version_id").notNull(),
    path: text("path").notNull(),
    kind: text("kind").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.versionId, t.path] }),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);
