/**
 * Single-row predictions of a classifier of 30 features beside other servers, one after the other on
 * the same machine, with the same load. Usage: npx tsx bench/serving/peers.ts [seconds] [peer]
 *
 * MODELYARD_BENCH_HOME holds one Python environment a peer: mlflow, bentoml, ray (with ray[serve]),
 * mlserver (with mlserver-sklearn, and uvloop below 0.22: its workers ask for a loop that later ones do
 * not make); a peer without one is left out. Each must answer with a number before it is measured.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "@/server/supervisor/free-port";
import { type Measured, measure } from "../node/measure";
import { byName, FEATURES } from "./requests";
import { startServingWorld } from "./world";

const run = promisify(execFile);
const SECONDS = Number(process.argv[2] ?? 10);
const ONLY = process.argv[3] ?? "";
const HOME = process.env.MODELYARD_BENCH_HOME ?? "";
const CONNECTIONS = 32;
const START_MS = 180_000;
const here = (file: string) => fileURLToPath(new URL(`./peers/${file}`, import.meta.url));

const row = Array.from({ length: FEATURES }, (_, at) => Math.sin(at) * 10);

interface Peer {
  name: string;
  /** Program of its environment and arguments. */
  command: (port: number, folder: string) => [string, ...string[]];
  path: string;
  body: unknown;
  /** Where the first number of an answer stands, by names and places. */
  answer: readonly string[];
  prepare?: (port: number, folder: string) => Promise<void>;
}

const PEERS: Peer[] = [
  {
    name: "mlflow",
    command: (port, folder) => [
      "mlflow",
      "models",
      "serve",
      "-m",
      join(folder, "mlflow"),
      "--env-manager",
      "local",
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "-w",
      "2",
    ],
    path: "/invocations",
    body: { inputs: [row] },
    answer: ["predictions", "0"],
  },
  {
    name: "bentoml",
    command: (port) => [
      "bentoml",
      "serve",
      "bento_service:Classifier",
      "--host",
      "127.0.0.1",
      "-p",
      String(port),
      "--working-dir",
      here(""),
    ],
    path: "/predict",
    body: { rows: [row] },
    answer: ["0", "0"],
  },
  {
    name: "ray",
    command: (port) => ["python", here("ray_service.py"), String(port)],
    path: "/",
    body: { row },
    answer: ["probabilities", "0"],
  },
  {
    name: "mlserver",
    command: (_port, folder) => ["mlserver", "start", folder],
    path: "/v2/models/bench/infer",
    body: {
      inputs: [{ name: "row", datatype: "FP64", shape: [1, FEATURES], data: row }],
      outputs: [{ name: "predict_proba" }],
    },
    answer: ["outputs", "0", "data", "0"],
    prepare: async (port, folder) => {
      const [grpc, metrics] = [await freePort(), await freePort()];
      const settings = {
        host: "127.0.0.1",
        http_port: port,
        grpc_port: grpc,
        metrics_port: metrics,
      };
      const workers = { debug: false, parallel_workers: 2 };
      await writeFile(join(folder, "settings.json"), JSON.stringify({ ...settings, ...workers }));
      const model = {
        name: "bench",
        implementation: "mlserver_sklearn.SKLearnModel",
        parameters: { uri: join(folder, "model.joblib") },
        max_batch_size: 64,
        max_batch_time: 0.001,
      };
      await writeFile(join(folder, "model-settings.json"), JSON.stringify(model));
    },
  },
];

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.pid) return;
  const ended = once(child, "exit");
  // Its workers are its own children; the group is ended as one.
  process.kill(-child.pid, "SIGTERM");
  await Promise.race([ended, sleep(20_000)]);
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
}

async function measurePeer(peer: Peer, folder: string): Promise<Measured> {
  const bin = join(HOME, peer.name, "bin");
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  await run(join(bin, "python"), [here("make_model.py"), folder, peer.name]);
  await peer.prepare?.(port, folder);
  const [program, ...args] = peer.command(port, folder);
  const child = spawn(join(bin, program), args, {
    cwd: folder,
    detached: true,
    stdio: "ignore",
    env: {
      ...process.env,
      PATH: `${bin}:${process.env.PATH}`,
      MODEL_FILE: join(folder, "model.joblib"),
    },
  });
  try {
    const url = `http://127.0.0.1:${port}${peer.path}`;
    const body = Buffer.from(JSON.stringify(peer.body));
    const headers = { "content-type": "application/json" };
    const deadline = Date.now() + START_MS;
    for (;;) {
      const reply = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
      if (reply?.ok) {
        const told = peer.answer.reduce<unknown>(
          (value, name) => (value as Record<string, unknown> | undefined)?.[name],
          await reply.json(),
        );
        if (typeof told === "number" || typeof told === "boolean") break;
        throw new Error(`${peer.name} answers something else`);
      }
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`${peer.name} does not answer`);
      await sleep(500);
    }
    const load = { url, headers, body, connections: CONNECTIONS };
    await measure({ ...load, seconds: 3 });
    return await measure({ ...load, seconds: SECONDS });
  } finally {
    await stop(child);
  }
}

const line = (name: string, one: Measured, ours: number) =>
  console.log(
    `| ${name} | ${Math.round(one.requestsPerSecond)} | ${one.p50Ms.toFixed(2)} | ${one.p99Ms.toFixed(2)} | ${one.failed} | ${(ours / one.requestsPerSecond).toFixed(1)} |`,
  );

const folder = await mkdtemp(join(tmpdir(), "bench-peers-"));
const world = await startServingWorld(FEATURES);
let ours: Measured;
try {
  const { path, headers, body } = byName(world.deployment);
  const auth = { ...headers, authorization: `Bearer ${world.key}` };
  const load = { url: `${world.web.url}${path}`, headers: auth, body, connections: CONNECTIONS };
  await measure({ ...load, seconds: 3 });
  ours = await measure({ ...load, seconds: SECONDS });
} finally {
  await world.close();
}
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${CONNECTIONS} connections, ${SECONDS} s each\n`,
);
console.log("| server | requests/s | p50 ms | p99 ms | failed | Modelyard is faster by |");
console.log("|---|---:|---:|---:|---:|---:|");
line("Modelyard, by feature name, keys and logs on", ours, ours.requestsPerSecond);
for (const peer of PEERS) {
  if (!peer.name.includes(ONLY) || !existsSync(join(HOME, peer.name, "bin"))) continue;
  try {
    line(peer.name, await measurePeer(peer, join(folder, peer.name)), ours.requestsPerSecond);
  } catch (error) {
    console.log(`| ${peer.name} | ${(error as Error).message.slice(0, 200)} | | | | |`);
  }
}
await rm(folder, { recursive: true, force: true });
