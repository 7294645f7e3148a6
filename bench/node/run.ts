/**
 * Single-row predictions a second of a 30-feature classifier: the inference node (JSON and binary
 * tensors) beside the least a Node server could do, same machine, same run.
 * Usage: npx tsx bench/node/run.ts [seconds]
 */
import { cpus } from "node:os";
import { encodeInferRequest } from "@/server/protocols/open-inference/codec";
import { type Measured, measure } from "./measure";
import { cpuSeconds, startServer, stopServer } from "./server-process";

const FEATURES = 30;
const SECONDS = Number(process.argv[2] ?? 5);
const CONNECTIONS = [1, 32, 128];

const data = Float64Array.from({ length: FEATURES }, (_, at) => Math.sin(at) * 10);
const inputs = [{ name: "numeric", datatype: "FP64" as const, shape: [1, FEATURES], data }];
const json = encodeInferRequest({ inputs }, "json");
const binary = encodeInferRequest({ inputs }, "binary");

const rows: (Measured & { label: string; connections: number; cpuMicros: number })[] = [];
for (const connections of CONNECTIONS) {
  for (const [label, file, form] of [
    ["bare node:http + onnxruntime, JSON", "./bare-process.ts", json],
    ["inference node, JSON", "./node-process.ts", json],
    ["inference node, binary tensors", "./node-process.ts", binary],
  ] as const) {
    const server = await startServer(file);
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (form.headerLength !== undefined)
      headers["inference-header-content-length"] = String(form.headerLength);
    const load = { url: server.url, headers, body: form.body, connections };
    await measure({ ...load, seconds: 1 });
    const before = await cpuSeconds(server);
    const measured = await measure({ ...load, seconds: SECONDS });
    const used = (await cpuSeconds(server)) - before;
    const cpuMicros = (used * 1e6) / (measured.requestsPerSecond * SECONDS);
    rows.push({ label, connections, cpuMicros, ...measured });
    await stopServer(server);
  }
}

console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s each\n`);
console.log("| server | connections | predictions/s | p50 ms | p99 ms | CPU µs each | failed |");
console.log("|---|---:|---:|---:|---:|---:|---:|");
for (const row of rows) {
  const cells = [
    row.label,
    row.connections,
    Math.round(row.requestsPerSecond),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    row.cpuMicros.toFixed(0),
    row.failed,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
