import { bigint, index, pgTable, primaryKey, smallint, uuid } from "drizzle-orm/pg-core";
import { instant, tenantPolicy, workspaceId } from "../columns";

/**
 * Rows that batch jobs went through, by deployment. Added to in the transaction that moves a job's
 * checkpoint, so each row counts once. They are no requests: what judges live traffic does not see them.
 */
export const batchRowCounts = pgTable(
  "batch_row_counts",
  {
    workspaceId: workspaceId(),
    /** Zeros for jobs that named a version. */
    deploymentId: uuid("deployment_id").notNull(),
    versionId: uuid("version_id").notNull(),
    /** Length of the slot: 10, 60 or 3600. */
    seconds: smallint("seconds").notNull(),
    /** Start of the slot. */
    at: instant("at").notNull(),
    /** Rows with an answer, and rows without one. */
    answered: bigint("answered", { mode: "number" }).notNull(),
    failed: bigint("failed", { mode: "number" }).notNull(),
  },
  (t) => [
    primaryKey({
      name: "batch_row_counts_pk",
      columns: [t.workspaceId, t.deploymentId, t.seconds, t.at, t.versionId],
    }),
    index("batch_row_counts_old").on(t.workspaceId, t.seconds, t.at),
    tenantPolicy(),
  ],
);
