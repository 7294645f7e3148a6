import { bigint, integer, pgTable, uuid } from "drizzle-orm/pg-core";
import { instant, tenantPolicy } from "../columns";
import { workspaces } from "./access";

/** What a workspace may use at most; null is no limit, a missing row none at all. */
export const workspaceQuotas = pgTable(
  "workspace_quotas",
  {
    workspaceId: uuid("workspace_id")
      .primaryKey()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    modelsMax: integer("models_max"),
    storageBytesMax: bigint("storage_bytes_max", { mode: "number" }),
    concurrentTrainingMax: integer("concurrent_training_max"),
    requestsPerSecondMax: integer("requests_per_second_max"),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  () => [tenantPolicy()],
);
