import { index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantPolicy, workspaceId } from "../columns";

/** One answered prediction request. Written in batches after the reply; no foreign keys on purpose. */
export const predictionLogs = pgTable(
  "prediction_logs",
  {
    workspaceId: workspaceId(),
    requestId: uuid("request_id").notNull(),
    at: instant("at").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    variantId: uuid("variant_id"),
    versionId: uuid("version_id"),
    /** HTTP status of the reply. */
    status: integer("status").notNull(),
    rows: integer("rows").notNull(),
    inputs: jsonb("inputs"),
    outputs: jsonb("outputs"),
    error: text("error"),
    /** Socket to reply, microseconds. */
    latencyUs: integer("latency_us").notNull(),
    /** Waiting for a batch in the node, microseconds. */
    queueUs: integer("queue_us"),
    /** Inside the model, microseconds. */
    computeUs: integer("compute_us"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.requestId] }),
    index("prediction_logs_deployment").on(t.workspaceId, t.deploymentId, t.at),
    tenantPolicy(),
  ],
);
