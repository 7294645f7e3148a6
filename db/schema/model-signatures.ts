import { foreignKey, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantPolicy, workspaceId } from "../columns";
import { modelVersions } from "./registry";

/** Every signature a version had once somebody changed it; the newest one is the version's own. */
export const modelSignatures = pgTable(
  "model_signatures",
  {
    workspaceId: workspaceId(),
    versionId: uuid("version_id").notNull(),
    /** 1, 2, 3 … within the version; 1 is what it came with. */
    revision: integer("revision").notNull(),
    signature: jsonb("signature").notNull(),
    /** Why, in the words of who changed it. */
    note: text("note").notNull().default(""),
    /** `user:<id>`, `key:<id>` or `job`; null for the one the version came with. */
    changedBy: text("changed_by"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.versionId, t.revision] }),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
