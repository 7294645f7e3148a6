import { sql } from "drizzle-orm";
import {
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea, workspaces } from "./access";

/** An address outside that is told of what happens in a workspace. */
export const webhooks = pgTable(
  "webhooks",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    url: text("url").notNull(),
    /** Names such as model_version.created. */
    events: text("events").array().notNull(),
    /** Sealed with a key of the installation; null: deliveries carry no signature. */
    secret: bytea("secret"),
    /** active, disabled */
    status: text("status").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("webhooks_created").on(t.workspaceId, t.createdAt, t.id).where(sql`deleted_at is null`),
    tenantPolicy(),
  ],
);

/** One message to one webhook; its body is written once, so that every try sends the same. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    webhookId: uuid("webhook_id").notNull(),
    /** The outbox event it tells of, or that of the test; with the webhook it is unique. */
    eventId: text("event_id").notNull(),
    event: text("event").notNull(),
    body: text("body").notNull(),
    /** pending, delivered, failed */
    status: text("status").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** Status of the last answer; null: none came. */
    responseStatus: integer("response_status"),
    /** Why the last try failed; null when it did not. */
    error: text("error"),
    createdAt: createdAt(),
    lastTriedAt: instant("last_tried_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("webhook_deliveries_event").on(t.workspaceId, t.webhookId, t.eventId),
    index("webhook_deliveries_created").on(t.workspaceId, t.webhookId, t.createdAt, t.id),
    index("webhook_deliveries_age").on(t.workspaceId, t.createdAt),
    foreignKey({
      columns: [t.workspaceId, t.webhookId],
      foreignColumns: [webhooks.workspaceId, webhooks.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
