import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool, type PoolClient } from "pg";
import { isUuid } from "@/server/kernel/ids";

/** The app's connection: a restricted role, no tenant until withWorkspace sets one. */
export interface Database {
  /** For LISTEN, COPY, the executor and the lookup functions; never for tenant tables. */
  pool: Pool;
}

/** One transaction of one workspace. */
export type Transaction = NodePgDatabase;

export function openDatabase(url: string, maxConnections = 10): Database {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  // An idle connection that Postgres closes must not end the process; the next query reconnects.
  pool.on("error", () => undefined);
  return { pool };
}

/** The query builder of a pooled connection, made once for it. */
const builders = new WeakMap<PoolClient, Transaction>();

function builderOf(client: PoolClient): Transaction {
  let builder = builders.get(client);
  if (!builder) {
    builder = drizzle(client);
    builders.set(client, builder);
  }
  return builder;
}

/**
 * Runs `fn` in one transaction that sees and writes a single workspace.
 * The setting ends with the transaction, so a pooled connection carries no tenant over.
 */
export async function withWorkspace<T>(
  ctx: { db: Database; workspaceId: string },
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  if (!isUuid(ctx.workspaceId)) throw new Error("a workspace id is a UUID");
  const client = await ctx.db.pool.connect();
  let broken: Error | undefined;
  try {
    // Both in one round trip; the id was checked, so it cannot end the literal.
    await client.query(`begin; select set_config('app.workspace_id', '${ctx.workspaceId}', true)`);
    const result = await fn(builderOf(client));
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    // A connection that cannot roll back is thrown away, not handed to the next caller.
    client.release(broken);
  }
}
