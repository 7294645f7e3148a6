import { randomBytes } from "node:crypto";
import { Inngest } from "inngest";
import type { Pool } from "pg";
import {
  createEmbeddedExecutor,
  createEmbeddedTransport,
  type EmbeddedExecutor,
  type EmbeddedTransport,
  type ExecutorOptions,
  type Log,
} from "@/inngest/embedded";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { type Driver, type RunResult, until } from "./driver";

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
/** What the SDK logs of failing functions is expected here. */
const SILENT_SDK = { ...SILENT, debug: () => {} };

export interface EmbeddedDriver extends Driver {
  database: TestDatabase;
  transport: EmbeddedTransport;
  executor(): EmbeddedExecutor;
}

export function createClient(transport: EmbeddedTransport, checkpointing = true): Inngest {
  return new Inngest({
    id: `test-${randomBytes(4).toString("hex")}`,
    ...transport,
    isDev: false,
    checkpointing,
    logger: SILENT_SDK,
  });
}

/** The embedded executor in this process, on a database of its own. */
export async function createEmbeddedDriver(
  options: Partial<ExecutorOptions> & { checkpointing?: boolean } = {},
): Promise<EmbeddedDriver> {
  const { checkpointing, ...rest } = options;
  const database = await createTestDatabase();
  const transport = createEmbeddedTransport({ pool: database.pool, log: SILENT });
  const client = createClient(transport, checkpointing);
  let executor: EmbeddedExecutor | undefined;
  const runsOf = (eventId: string) => readRuns(database.pool, eventId);
  return {
    client,
    database,
    transport,
    executor: () => {
      if (!executor) throw new Error("not started");
      return executor;
    },
    start: async (functions) => {
      executor = createEmbeddedExecutor({
        pool: database.pool,
        client,
        functions,
        transport,
        log: SILENT,
        pollMs: 100,
        retryDelayMs: () => 20,
        ...rest,
      });
      await executor.start();
    },
    send: async (events) => (await client.send(events as never)).ids,
    runsOf,
    waitRuns: (eventId, count) =>
      until(async () => {
        const runs = await runsOf(eventId);
        const ended = runs.filter((run) => run.status !== "queued" && run.status !== "running");
        return ended.length >= count && ended;
      }),
    stop: async () => {
      await executor?.stop({ graceMs: 1000 });
      await database.close();
    },
  };
}

async function readRuns(pool: Pool, eventId: string): Promise<RunResult[]> {
  const { rows } = await pool.query<RunResult>(
    `SELECT id, function_id AS "functionId", status, output, error FROM inngest.runs
     WHERE event_id = $1 ORDER BY id`,
    [eventId],
  );
  return rows;
}
