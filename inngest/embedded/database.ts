import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient, QueryResultRow } from "pg";

const RETRIES_MAX = 6;
/**
 * Deadlock, serialization failure, idle too long inside a transaction, server shutting down, connection
 * cut: doing the transaction again is the cure. Every transaction here may be done twice.
 */
const RETRYABLE = new Set(["40P01", "40001", "25P03", "57P01", "ECONNRESET", "EPIPE"]);
/** How the driver calls a connection that was cut before the server's reason was read. */
const CUT = /^Connection terminated/;

/**
 * A process that is stopped or cut off inside a transaction must not keep its row locks from the
 * worker that takes over: the server ends such a session.
 */
const BEGIN =
  "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 5000;";

/** A statement with the name under which a connection keeps it prepared. */
interface Statement {
  name: string;
  text: string;
}

/** A pool or a connection in a transaction. */
export type Queryable = Pick<PoolClient, "query">;

/** Rows of a prepared statement. */
export async function rows<Row extends QueryResultRow>(
  db: Queryable,
  statement: Statement,
  values: unknown[],
): Promise<Row[]> {
  const result = await db.query<Row>({ ...statement, values });
  return result.rows;
}

/**
 * Runs `fn` in one READ COMMITTED transaction, again on a deadlock.
 * `first` goes out with BEGIN in the same round trip; it takes no values.
 */
export async function inTransaction<T>(
  pool: Pool,
  fn: (tx: PoolClient) => Promise<T>,
  first = "",
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await tryTransaction(pool, fn, first);
    } catch (error) {
      if (attempt >= RETRIES_MAX || !isRetryable(error)) throw error;
      await sleep(Math.random() * 20 * 2 ** attempt);
    }
  }
}

async function tryTransaction<T>(
  pool: Pool,
  fn: (tx: PoolClient) => Promise<T>,
  first: string,
): Promise<T> {
  const tx = await pool.connect();
  let lost: Error | undefined;
  // A connection that breaks between two statements must fail the next one, not end the process.
  const onError = (error: Error) => {
    lost ??= error;
  };
  tx.on("error", onError);
  try {
    await tx.query(`${BEGIN}${first}`);
    const result = await fn(tx);
    await tx.query("COMMIT");
    return result;
  } catch (error) {
    await tx.query("ROLLBACK").catch(onError);
    // What broke the connection says more than the statement that found it broken.
    throw lost && codeOf(lost) ? lost : error;
  } finally {
    tx.off("error", onError);
    tx.release(lost);
  }
}

const isRetryable = (error: unknown): boolean =>
  RETRYABLE.has(codeOf(error)) || (error instanceof Error && CUT.test(error.message));

/** The SQLSTATE or system code of an error, or "". */
function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}
