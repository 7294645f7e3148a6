import { sql } from "drizzle-orm";
import {
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant, tenantPolicy, workspaceId } from "../columns";
import { workspaces } from "./access";

/** Stages a workspace's versions pass through. A workspace without rows has the default stages. */
export const stages = pgTable(
  "stages",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    /** What versions hold; never changes. */
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** 0, 1, 2 … from left to right; versions are born in the first. */
    position: integer("position").notNull(),
    color: text("color").notNull(),
    /** Versions in it answer real traffic. */
    serving: boolean("serving").notNull(),
    needsApproval: boolean("needs_approval").notNull(),
    /** { count, roles: name[], people: user id[] } */
    reviewers: jsonb("reviewers").notNull(),
    /** Rules a version must meet to enter. */
    gates: jsonb("gates").notNull(),
    /** Whoever was in it is archived when a version enters. */
    archivesPrevious: boolean("archives_previous").notNull(),
    /** None, Staging, Production or Archived: what MLflow's clients see. */
    mlflowStage: text("mlflow_stage").notNull(),
    /** How long a request to enter stays open, days. */
    requestDays: integer("request_days").notNull(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.key] }),
    uniqueIndex("stages_name").on(t.workspaceId, sql`lower(${t.name})`),
    tenantPolicy(),
  ],
);
