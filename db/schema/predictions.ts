import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";

/**
 * One answered prediction request, in a partition a day. Written in batches after the reply; no
 * foreign keys on purpose. Answered requests may be sampled, so it is not what counts are read from.
 */
export const predictionLogs = pgTable(
  "prediction_logs",
  {
    workspaceId: workspaceId(),
    /** A UUID of version 7, so the day it lies in can be told from it. */
    requestId: uuid("request_id").notNull(),
    at: instant("at").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    variantId: uuid("variant_id"),
    versionId: uuid("version_id"),
    /** HTTP status of the reply. */
    status: integer("status").notNull(),
    rows: integer("rows").notNull(),
    /** rest, v2, grpc, batch */
    lane: text("lane").notNull().default("rest"),
    /** Whom or what the prediction was for, as the caller said; decides the variant where that is asked. */
    unit: text("unit"),
    /** As text: reading a value costs more than of jsonb, writing a row costs PostgreSQL a third less. */
    inputs: json("inputs"),
    outputs: json("outputs"),
    /** Probability of the predicted class, of the least certain row; null for numbers, whose intervals are outputs. */
    confidence: real("confidence"),
    error: text("error"),
    /** Socket to reply, microseconds. */
    latencyUs: integer("latency_us").notNull(),
    /** From the gateway to the node and back, microseconds. */
    nodeUs: integer("node_us"),
    /** Waiting for a batch in the node, microseconds. */
    queueUs: integer("queue_us"),
    /** Inside the model, microseconds. */
    computeUs: integer("compute_us"),
    /** Rows of all requests that ran in the same call of the model. */
    batchRows: integer("batch_rows"),
    /** Whether the gateway's cache answered; no node was asked then. */
    isCached: boolean("is_cached").notNull().default(false),
    /** W3C trace id, 32 hex digits. */
    traceId: text("trace_id"),
    /** Whether the caller chose the variant, by version or by an override; it says nothing of the split. */
    isPinned: boolean("is_pinned").notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.requestId, t.at] }),
    index("prediction_logs_deployment").on(t.workspaceId, t.deploymentId, t.at),
    index("prediction_logs_at").on(t.workspaceId, t.at),
    tenantPolicy(),
  ],
);

/**
 * How many requests were answered how fast, exact whatever the log samples. Each process writes rows of
 * its own and always their whole value, so a repeated write changes nothing.
 */
export const predictionCounts = pgTable(
  "prediction_counts",
  {
    workspaceId: workspaceId(),
    deploymentId: uuid("deployment_id").notNull(),
    /** Length of the slot: 10, 60 or 3600. */
    seconds: smallint("seconds").notNull(),
    /** Start of the slot. */
    at: instant("at").notNull(),
    /** Zeros where a request failed before a variant was chosen. */
    variantId: uuid("variant_id").notNull(),
    /** 2, 4 or 5: the hundreds of the status. */
    statusClass: smallint("status_class").notNull(),
    /** Requests whose callers chose the variant; roll-outs are judged by the others alone. */
    isPinned: boolean("is_pinned").notNull().default(false),
    /** The process that counted. */
    writer: uuid("writer").notNull(),
    requests: bigint("requests", { mode: "number" }).notNull(),
    rows: bigint("rows", { mode: "number" }).notNull(),
    cacheHits: bigint("cache_hits", { mode: "number" }).notNull(),
    latencyUsSum: bigint("latency_us_sum", { mode: "number" }).notNull(),
    queueUsSum: bigint("queue_us_sum", { mode: "number" }).notNull(),
    computeUsSum: bigint("compute_us_sum", { mode: "number" }).notNull(),
    /** Buckets of latency that are not empty, and how many requests lie in each. */
    latencyBuckets: smallint("latency_buckets").array().notNull().default(sql`'{}'`),
    latencyCounts: integer("latency_counts").array().notNull().default(sql`'{}'`),
  },
  (t) => [
    primaryKey({
      name: "prediction_counts_pk",
      columns: [
        t.workspaceId,
        t.deploymentId,
        t.seconds,
        t.at,
        t.variantId,
        t.statusClass,
        t.isPinned,
        t.writer,
      ],
    }),
    index("prediction_counts_old").on(t.workspaceId, t.seconds, t.at),
    tenantPolicy(),
  ],
);

/** What really came of a prediction, told later. Kept apart: it may come before the log row is written. */
export const predictionOutcomes = pgTable(
  "prediction_outcomes",
  {
    workspaceId: workspaceId(),
    requestId: uuid("request_id").notNull(),
    /** When the request was made, from its id; null where the id does not tell. */
    requestedAt: instant("requested_at"),
    /** JSON array, one true value a row of the request. */
    outcome: jsonb("outcome").notNull(),
    /** When the outcome happened. */
    at: instant("at").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.requestId] }),
    index("prediction_outcomes_requested").on(t.workspaceId, t.requestedAt),
    tenantPolicy(),
  ],
);
