import {
  bigint,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { workspaces } from "./access";
import { artifactObjects } from "./kernel";

/**
 * Log rows of one deployment and day that left `prediction_logs` for a Parquet file in the artifact
 * store. The row is written in the transaction that deletes them there, so each lies in one place.
 */
export const predictionArchives = pgTable(
  "prediction_archives",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    /** No foreign key: what a deployment answered outlives it, as its log does. */
    deploymentId: uuid("deployment_id").notNull(),
    /** When the first and the last of its requests were answered, both included. */
    fromAt: instant("from_at").notNull(),
    toAt: instant("to_at").notNull(),
    /** Requests, each a row of the file. */
    requests: integer("requests").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("prediction_archives_time").on(t.workspaceId, t.toAt, t.id),
    index("prediction_archives_deployment").on(t.workspaceId, t.deploymentId, t.toAt),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);

/** How long a workspace keeps its prediction log; a missing row keeps the defaults. */
export const predictionRetention = pgTable(
  "prediction_retention",
  {
    workspaceId: uuid("workspace_id")
      .primaryKey()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    /** Days in the database. */
    keepDays: integer("keep_days").notNull(),
    /** Days since the request until its archive goes; 0 archives nothing. */
    archiveDays: integer("archive_days").notNull(),
    /** Days that results of batch jobs are kept after their end; 0 until somebody deletes them. */
    resultDays: integer("result_days").notNull().default(0),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  () => [tenantPolicy()],
);
