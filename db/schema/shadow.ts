import {
  bigint,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantPolicy, workspaceId } from "../columns";
import { deployments } from "./deployments";

/** How a shadow variant's answers compared with those that were sent, by the minute. */
export const shadowComparisons = pgTable(
  "shadow_comparisons",
  {
    workspaceId: workspaceId(),
    deploymentId: uuid("deployment_id").notNull(),
    /** The shadow. */
    variantId: uuid("variant_id").notNull(),
    /** Start of the minute. */
    at: instant("at").notNull(),
    /** Requests both answered. */
    requests: bigint("requests", { mode: "number" }).notNull(),
    rows: bigint("rows", { mode: "number" }).notNull(),
    /** Requests whose outputs were the same to the bit. */
    equal: bigint("equal", { mode: "number" }).notNull(),
    /** Rows whose label was another one. */
    flips: bigint("flips", { mode: "number" }).notNull(),
    /** Requests the shadow failed. */
    errors: bigint("errors", { mode: "number" }).notNull(),
    /** Copies that were never sent because too many waited. */
    dropped: bigint("dropped", { mode: "number" }).notNull(),
    /** Largest absolute difference of a number, and the sum of each request's largest. */
    differenceMax: doublePrecision("difference_max").notNull(),
    differenceSum: doublePrecision("difference_sum").notNull(),
    /** Node times of both, microseconds. */
    latencyUsSum: bigint("latency_us_sum", { mode: "number" }).notNull(),
    shadowLatencyUsSum: bigint("shadow_latency_us_sum", { mode: "number" }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.deploymentId, t.variantId, t.at] }),
    foreignKey({
      columns: [t.workspaceId, t.deploymentId],
      foreignColumns: [deployments.workspaceId, deployments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** The requests a shadow answered most differently, a few a variant. */
export const shadowExamples = pgTable(
  "shadow_examples",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    variantId: uuid("variant_id").notNull(),
    at: instant("at").notNull(),
    flips: integer("flips").notNull(),
    difference: doublePrecision("difference").notNull(),
    /** First row by feature name; null where the deployment keeps no payload. */
    inputs: jsonb("inputs"),
    /** What was sent, and what the shadow would have; null likewise. */
    sent: jsonb("sent"),
    shadow: jsonb("shadow"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("shadow_examples_variant").on(t.workspaceId, t.deploymentId, t.variantId, t.difference),
    foreignKey({
      columns: [t.workspaceId, t.deploymentId],
      foreignColumns: [deployments.workspaceId, deployments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
