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
import { artifactObjects } from "./kernel";

/** One row is one version of a named dataset; content never changes. */
export const datasets = pgTable(
  "datasets",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
    description: text("description").notNull().default(""),
    /** csv, parquet */
    format: text("format").notNull(),
    /** What separates the fields of a CSV; null for Parquet. */
    delimiter: text("delimiter"),
    rows: bigint("rows", { mode: "number" }).notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    columnCount: integer("column_count").notNull(),
    /** DatasetColumn[]: schema, profile and histogram. */
    columns: jsonb("columns").notNull(),
    /** null: made by a machine. */
    createdBy: text("created_by"),
    createdAt: createdAt(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("datasets_name_version").on(t.workspaceId, sql`lower(${t.name})`, t.version),
    index("datasets_created").on(t.workspaceId, t.createdAt, t.id).where(sql`deleted_at is null`),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);

/** The first rows of a dataset, apart from it so that reading a dataset stays light. */
export const datasetPreviews = pgTable(
  "dataset_previews",
  {
    workspaceId: workspaceId(),
    datasetId: uuid("dataset_id").notNull(),
    /** Cell[][], cells in the order of the columns. */
    rows: jsonb("rows").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.datasetId] }),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
