import { sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import * as schema from "./schema";

type Schema = typeof schema;

/** The app's connection: a restricted role, no tenant until withWorkspace sets one. */
export interface Database {
  orm: NodePgDatabase<Schema>;
  /** For LISTEN, COPY, the executor and the lookup functions; never for tenant tables. */
  pool: Pool;
}

export type Transaction = Parameters<Parameters<NodePgDatabase<Schema>["transaction"]>[0]>[0];

export function openDatabase(url: string, maxConnections = 10): Database {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  // An idle connection that Postgres closes must not end the process; the next query reconnects.
  pool.on("error", () => undefined);
  return { orm: drizzle(pool, { schema }), pool };
}

/**
 * Runs `fn` in one transaction that sees and writes a single workspace.
 * The setting ends with the transaction, so a pooled connection carries no tenant over.
 */
export async function withWorkspace<T>(
  ctx: { db: Database; workspaceId: string },
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return ctx.db.orm.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.workspace_id', ${ctx.workspaceId}, true)`);
    return fn(tx);
  });
}
