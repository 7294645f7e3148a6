import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantPolicy, workspaceId } from "../columns";
import { workspaces } from "./access";
import { models } from "./registry";

/**
 * Who may do `action` on one model or in one environment. Where a subject has no grant for an
 * action, the permission of the role decides alone; with the first grant only grantees may.
 */
export const grants = pgTable(
  "grants",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    id: uuid("id").notNull(),
    /** Exactly one of the two is set. */
    modelId: uuid("model_id"),
    environment: text("environment"),
    /** write (models), review (requests about a model) or deploy (models, environments). */
    action: text("action").notNull(),
    /** user (an id), role (a name) or api_key (an id). */
    granteeType: text("grantee_type").notNull(),
    grantee: text("grantee").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }).onDelete("cascade"),
    index("grants_subject").on(t.workspaceId, t.modelId, t.environment, t.action),
    check("grants_one_subject", sql`(model_id is null) <> (environment is null)`),
    tenantPolicy(),
  ],
);
