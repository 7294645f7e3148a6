import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";

/** A named state of a page that a team keeps: filter, order, columns. */
export const savedViews = pgTable(
  "saved_views",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    /** The page it belongs to, for instance `experiment:<id>`. */
    page: text("page").notNull(),
    name: text("name").notNull(),
    /** The page's URL parameters, name → text. */
    state: jsonb("state").notNull(),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("saved_views_page").on(t.workspaceId, t.page, t.name),
    tenantPolicy(),
  ],
);
