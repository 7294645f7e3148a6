import {
  bigint,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { experiments } from "./experiments";

/** Questions with expected answers that MLflow's clients keep to judge programs by. */
export const evaluationDatasets = pgTable(
  "evaluation_datasets",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    /** Of the name and the time of the last change, 8 hex digits. */
    digest: text("digest").notNull(),
    /** { key: value } of text */
    tags: jsonb("tags").notNull().default({}),
    /** Type of each field seen so far; null before the first record. */
    schema: jsonb("schema"),
    recordCount: integer("record_count").notNull().default(0),
    /** Who, as the client says; null when it does not. */
    createdBy: text("created_by"),
    updatedBy: text("updated_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("evaluation_datasets_created").on(t.workspaceId, t.createdAt, t.id),
    tenantPolicy(),
  ],
);

/** One question of a dataset; its inputs are its identity. */
export const evaluationRecords = pgTable(
  "evaluation_records",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    datasetId: uuid("dataset_id").notNull(),
    /** In the order records came; unique within the dataset. */
    position: bigint("position", { mode: "number" }).notNull(),
    /** SHA-256 of the canonical JSON of the inputs. */
    inputHash: text("input_hash").notNull(),
    inputs: jsonb("inputs").notNull(),
    /** { value }; null when there are none. */
    outputs: jsonb("outputs"),
    expectations: jsonb("expectations"),
    tags: jsonb("tags").notNull().default({}),
    /** { source_type, source_data }; null when the client does not say. */
    source: jsonb("source"),
    createdBy: text("created_by"),
    updatedBy: text("updated_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    unique("evaluation_records_inputs").on(t.workspaceId, t.datasetId, t.inputHash),
    index("evaluation_records_position").on(t.workspaceId, t.datasetId, t.position),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [evaluationDatasets.workspaceId, evaluationDatasets.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** The experiments a dataset is used in. */
export const evaluationDatasetExperiments = pgTable(
  "evaluation_dataset_experiments",
  {
    workspaceId: workspaceId(),
    datasetId: uuid("dataset_id").notNull(),
    experimentId: uuid("experiment_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.datasetId, t.experimentId] }),
    index("evaluation_dataset_experiments_experiment").on(t.workspaceId, t.experimentId),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [evaluationDatasets.workspaceId, evaluationDatasets.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.experimentId],
      foreignColumns: [experiments.workspaceId, experiments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
