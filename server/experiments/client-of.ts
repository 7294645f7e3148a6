import type { PoolClient } from "pg";
import type { Transaction } from "@/db/client";

/**
 * The connection of a transaction, which withWorkspace made the builder of, for statements that are sent
 * so often that building them anew costs as much as sending them.
 */
export const clientOf = (tx: Transaction): PoolClient =>
  (tx as Transaction & { $client: PoolClient }).$client;
