/**
 * Single-row predictions over gRPC beside the same over REST, on one gateway and node in one run.
 * Usage: npx tsx bench/serving/grpc.ts [seconds]
 */
import { cpus } from "node:os";
import { freePort } from "@/server/supervisor/free-port";
import { encode } from "@/tests/open-inference/support/protos";
import { type Measured, measure } from "../node/measure";
import { cpuSeconds } from "../node/server-process";
import { measureGrpc } from "./grpc-load";
import { byName, FEATURES, type RequestKind, v2Binary, v2Json } from "./requests";
import { startServingWorld } from "./world";

const SECONDS = Number(process.argv[2] ?? 5);
const WARM_UP_SECONDS = 2;

const values = Float64Array.from({ length: FEATURES }, (_, at) => Math.sin(at) * 10);
const input = { name: "numeric", datatype: "FP64", shape: [1, FEATURES] };
const typed = (model: string) =>
  encode("ModelInferRequest", {
    model_name: model,
    inputs: [{ ...input, contents: { fp64_contents: [...values] } }],
  });
const raw = (model: string) =>
  encode("ModelInferRequest", {
    model_name: model,
    inputs: [input],
    raw_input_contents: [Buffer.from(values.buffer)],
  });

const port = await freePort();
process.env.BENCH_GRPC_PORT = String(port);
const world = await startServingWorld(FEATURES);
const { web, node, key, deployment } = world;
const lines: string[] = [];

async function compare(label: string, run: (seconds: number) => Promise<Measured>): Promise<void> {
  await run(WARM_UP_SECONDS);
  const before = await Promise.all([web, node].map(cpuSeconds));
  const startedMs = performance.now();
  const { requestsPerSecond, p50Ms, p99Ms, failed } = await run(SECONDS);
  const answered = (requestsPerSecond * (performance.now() - startedMs)) / 1000;
  const after = await Promise.all([web, node].map(cpuSeconds));
  const micros = after.map((used, at) => ((used - (before[at] ?? 0)) * 1e6) / answered);
  const cells = [label, Math.round(requestsPerSecond), p50Ms.toFixed(2), p99Ms.toFixed(2)];
  lines.push(
    `| ${[...cells, micros.map((one) => one.toFixed(0)).join(" + "), failed].join(" | ")} |`,
  );
}

const rest = (kind: RequestKind, connections: number) => (seconds: number) =>
  measure({
    url: `${web.url}${kind.path}`,
    headers: { ...kind.headers, authorization: `Bearer ${key}` },
    body: kind.body,
    connections,
    seconds,
  });
const grpc = (message: Buffer, connections: number, streams: number) => (seconds: number) =>
  measureGrpc({ port, key, message, connections, streams, seconds });

try {
  await compare("REST by feature name, 1", rest(byName(deployment), 1));
  await compare("gRPC raw, 1", grpc(raw(deployment), 1, 1));
  await compare("REST by feature name, 32", rest(byName(deployment), 32));
  await compare("REST V2 JSON, 32", rest(v2Json(deployment), 32));
  await compare("REST V2 binary, 32", rest(v2Binary(deployment), 32));
  await compare("gRPC raw, 4 × 8", grpc(raw(deployment), 4, 8));
  await compare("gRPC typed, 4 × 8", grpc(typed(deployment), 4, 8));
  await compare("gRPC raw, 1 × 64", grpc(raw(deployment), 1, 64));
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s each\n`,
  );
  console.log(
    "| path, at work | requests/s | p50 ms | p99 ms | CPU µs each, web + node | failed |",
  );
  console.log("|---|---:|---:|---:|---:|---:|");
  for (const line of lines) console.log(line);
} finally {
  await world.close();
}
