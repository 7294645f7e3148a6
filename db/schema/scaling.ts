import { sql } from "drizzle-orm";
import { integer, pgTable, primaryKey, real, timestamp, uuid } from "drizzle-orm/pg-core";
import { instant, tenantPolicy, workspaceId } from "../columns";

// No foreign keys here: checking them would lock deployments against those who change them.

/** What gateways measured, every few seconds, of deployments that scale by themselves. Kept for minutes. */
export const deploymentLoads = pgTable(
  "deployment_loads",
  {
    workspaceId: workspaceId(),
    deploymentId: uuid("deployment_id").notNull(),
    /** By the clock of the database: the end of what was measured. */
    at: timestamp("at", { withTimezone: true, mode: "date", precision: 6 }).notNull(),
    /** The process that measured. */
    writer: uuid("writer").notNull(),
    /** How long it measured. */
    seconds: real("seconds").notNull(),
    /** Requests at the same time, averaged over that time. */
    concurrency: real("concurrency").notNull(),
    requests: integer("requests").notNull(),
    /** Nodes that held every version that takes traffic. */
    ready: integer("ready").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.deploymentId, t.at, t.writer] }), tenantPolicy()],
);

/** What deciding on replicas has to remember of a deployment. */
export const deploymentScales = pgTable(
  "deployment_scales",
  {
    workspaceId: workspaceId(),
    deploymentId: uuid("deployment_id").notNull(),
    /** Null: none since it scales by itself. */
    lastRequestAt: instant("last_request_at"),
    /** Since when the panic window decides; null while it does not. */
    panicAt: instant("panic_at"),
    /** The most replicas wanted since then. */
    panicReplicas: integer("panic_replicas").notNull().default(0),
    /** The event that tells the present series of steps; steps that follow soon are told by it too. */
    eventId: uuid("event_id"),
    /** Replicas before the series and after each of its steps; of a long one the first and the last. */
    series: integer("series").array().notNull().default(sql`'{}'`),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.deploymentId] }), tenantPolicy()],
);

/** Replicas and load over time, a point in ten seconds. Kept for a day. */
export const deploymentScalePoints = pgTable(
  "deployment_scale_points",
  {
    workspaceId: workspaceId(),
    deploymentId: uuid("deployment_id").notNull(),
    /** The beginning of the slot. */
    at: instant("at").notNull(),
    wanted: integer("wanted").notNull(),
    ready: integer("ready").notNull(),
    /** Requests at the same time, averaged over the last seconds. */
    concurrency: real("concurrency").notNull(),
    requestsPerSecond: real("requests_per_second").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.deploymentId, t.at] }), tenantPolicy()],
);
