import { sql } from "drizzle-orm";
import {
  boolean,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { models, modelVersions } from "./registry";

/** A request to move a version to a stage, with all that was decided about it. */
export const approvals = pgTable(
  "approvals",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    modelId: uuid("model_id").notNull(),
    versionId: uuid("version_id").notNull(),
    /** Where the version was when it was asked for; moved meanwhile, the request is void. */
    fromStage: text("from_stage").notNull(),
    toStage: text("to_stage").notNull(),
    /** pending, conditional, approved, rejected, withdrawn, expired */
    state: text("state").notNull(),
    comment: text("comment").notNull().default(""),
    /** `user:<id>`, `key:<id>` or `job`; never a name. */
    requestedBy: text("requested_by").notNull(),
    /** Whether the holders of the stage are archived; null: as the stage says. */
    archivePrevious: boolean("archive_previous"),
    /** { at, outcomes } when it was asked for. */
    gatesAtRequest: jsonb("gates_at_request").notNull(),
    /** The same at the last try to move; null before. */
    gatesAtMove: jsonb("gates_at_move"),
    /** { id, text, setBy, metAt, metBy, note }[] in the order reviewers set them. */
    conditions: jsonb("conditions").notNull().default([]),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    /** null while it is open. */
    decidedAt: instant("decided_at"),
    /** Why it was closed without a decision; null else. */
    closeReason: text("close_reason"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("approvals_created").on(t.workspaceId, t.createdAt, t.id),
    index("approvals_version").on(t.workspaceId, t.versionId, t.createdAt),
    uniqueIndex("approvals_one_open")
      .on(t.workspaceId, t.versionId)
      .where(sql`state in ('pending', 'conditional')`),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** One person's word on a request; nobody speaks twice. */
export const approvalReviews = pgTable(
  "approval_reviews",
  {
    workspaceId: workspaceId(),
    approvalId: uuid("approval_id").notNull(),
    /** `user:<id>` */
    reviewer: text("reviewer").notNull(),
    /** approve, reject, conditional */
    decision: text("decision").notNull(),
    comment: text("comment").notNull().default(""),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.approvalId, t.reviewer] }),
    foreignKey({
      columns: [t.workspaceId, t.approvalId],
      foreignColumns: [approvals.workspaceId, approvals.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
