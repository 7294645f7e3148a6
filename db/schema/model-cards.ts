import { foreignKey, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantPolicy, workspaceId } from "../columns";
import { models } from "./registry";

/** Every text a model's card ever had; the newest one is models.card as well. */
export const modelCards = pgTable(
  "model_cards",
  {
    workspaceId: workspaceId(),
    modelId: uuid("model_id").notNull(),
    /** 1, 2, 3 … within the model. */
    revision: integer("revision").notNull(),
    /** Markdown. */
    content: text("content").notNull(),
    /** `user:<id>`, `key:<id>` or `job`; never a name. */
    writtenBy: text("written_by").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.modelId, t.revision] }),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
