import { sql } from "drizzle-orm";
import {
  boolean,
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
import { workspaces } from "./access";
import { modelVersions } from "./registry";

/** A native model that became ONNX, or did not; the newest row of a version counts. */
export const modelConversions = pgTable(
  "model_conversions",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    versionId: uuid("version_id").notNull(),
    /** queued, running, succeeded, failed, canceled */
    status: text("status").notNull(),
    /** sklearn, xgboost, lightgbm */
    flavor: text("flavor").notNull(),
    /** native, skops, pickle */
    form: text("form").notNull(),
    /** Starts so far; a worker that dies leaves one behind. */
    attempt: integer("attempt").notNull().default(0),
    /** How it was converted, in words; null until it succeeded. */
    method: text("method"),
    /** { rows, maxAbsDiff, labelFlips, tolerance }; null until it succeeded. */
    parity: jsonb("parity"),
    /** Which walls stood: { files, calls, namespace, limits }; null before the first start. */
    walls: jsonb("walls"),
    /** What a person should read when it failed. */
    error: text("error"),
    log: text("log").notNull().default(""),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("model_conversions_version").on(t.workspaceId, t.versionId, t.createdAt, t.id),
    uniqueIndex("model_conversions_open")
      .on(t.workspaceId, t.versionId)
      .where(sql`status in ('queued', 'running')`),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** What a workspace allows; a missing row allows nothing. */
export const conversionSettings = pgTable(
  "conversion_settings",
  {
    workspaceId: uuid("workspace_id")
      .primaryKey()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    /** Whether pickled models may be converted, which runs the code they bring along. */
    allowPickled: boolean("allow_pickled").notNull().default(false),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  () => [tenantPolicy()],
);
