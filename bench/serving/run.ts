/**
 * Single-row predictions through gateway and node beside the bare node and the least one process
 * could do, all in one run. Usage: npx tsx bench/serving/run.ts [seconds] [part of a label]
 */
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { type Measured, measure } from "../node/measure";
import { cpuSeconds } from "../node/server-process";
import { type BenchProcess, startProcess, stopProcess } from "../predict/processes";
import { byName, FEATURES, type RequestKind, v2Binary, v2Json } from "./requests";
import { startServingWorld } from "./world";

const SECONDS = Number(process.argv[2] ?? 5);
const ONLY = process.argv[3] ?? "";
const WARM_UP_SECONDS = 2;

interface Row extends Measured {
  label: string;
  connections: number;
  /** Processor time of each process for one request, microseconds. */
  cpuMicros: number[];
}
const rows: Row[] = [];

async function compare(
  label: string,
  kind: RequestKind,
  key: string,
  processes: BenchProcess[],
  connections: number[],
): Promise<void> {
  if (!label.includes(ONLY)) return;
  const url = `${processes[0]?.url}${kind.path}`;
  const headers = { ...kind.headers, authorization: `Bearer ${key}` };
  const { body } = kind;
  for (const count of connections) {
    const load = { url, headers, body, connections: count };
    await measure({ ...load, seconds: WARM_UP_SECONDS });
    const before = await Promise.all(processes.map(cpuSeconds));
    const measured = await measure({ ...load, seconds: SECONDS });
    const after = await Promise.all(processes.map(cpuSeconds));
    const answered = measured.requestsPerSecond * SECONDS;
    const cpuMicros = after.map((used, at) => ((used - (before[at] ?? 0)) * 1e6) / answered);
    rows.push({ label, connections: count, cpuMicros, ...measured });
  }
}

async function memoryMb({ child }: BenchProcess): Promise<string> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024).toFixed(0);
}

const bare = await startProcess("./bare-process.ts", [String(FEATURES)]);
await compare("bare Node + onnxruntime, JSON", { ...byName("-"), path: "/" }, "", [bare], [1, 32]);
await stopProcess(bare);
const world = await startServingWorld(FEATURES);
try {
  const { web, node, key, deployment, nodeModel } = world;
  await compare("node alone, binary", v2Binary(nodeModel), key, [node], [1, 32]);
  await compare("gateway, by feature name", byName(deployment), key, [web, node], [1, 32, 64]);
  await compare("gateway, V2 JSON", v2Json(deployment), key, [web, node], [1, 32]);
  await compare("gateway, V2 binary", v2Binary(deployment), key, [web, node], [1, 32, 64, 128]);
  const [model] = cpus();
  console.log(`${cpus().length} × ${model?.model}, Node ${process.version}, ${SECONDS} s each\n`);
  console.log("| path | connections | requests/s | p50 ms | p99 ms | CPU µs each | failed |");
  console.log("|---|---:|---:|---:|---:|---:|---:|");
  for (const row of rows) {
    const micros = row.cpuMicros.map((one) => one.toFixed(0)).join(" + ");
    const times = `${row.p50Ms.toFixed(2)} | ${row.p99Ms.toFixed(2)}`;
    console.log(
      `| ${row.label} | ${row.connections} | ${Math.round(row.requestsPerSecond)} | ${times} | ${micros} | ${row.failed} |`,
    );
  }
  console.log(`\nMemory: web ${await memoryMb(web)} MB, node ${await memoryMb(node)} MB.`);
} finally {
  await world.close();
}
