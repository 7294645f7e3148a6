/**
 * Memory of the node process with one model loaded, after requests, and after it was unloaded, for
 * models of several sizes. Usage: npx tsx bench/node/memory.ts
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createNodeClient } from "@/server/node/client";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { classifierModel, slowModel } from "@/tests/node/support/sample-models";
import { startProcess, stopProcess } from "../predict/processes";

const REQUESTS = 500;
/** What the allocator gives back it gives back a little later. */
const SETTLE_MS = 2_000;

interface Case {
  name: string;
  onnx: Buffer;
  input: Tensor;
}

function dense(name: string, width: number, layers: number): Case {
  const data = new Float32Array(width).fill(0.5);
  const input: Tensor = { name: "input", datatype: "FP32", shape: [1, width], data };
  return { name, onnx: slowModel(width, layers), input };
}

const features: Tensor = {
  name: "numeric",
  datatype: "FP64",
  shape: [1, 30],
  data: new Float64Array(30).fill(0.5),
};
const CASES: Case[] = [
  { name: "classifier of 30 features", onnx: classifierModel(30), input: features },
  dense("dense network, 16 MB", 512, 16),
  dense("dense network, 96 MB", 1024, 24),
  // What the process did not give back it uses for the next model.
  dense("another of 96 MB", 1024, 24),
  dense("and another", 1024, 24),
];

const folder = await mkdtemp(join(tmpdir(), "bench-memory-"));
const node = await startProcess("../node/memory-node.ts", [folder]);
const client = createNodeClient({ url: node.url, frames: true });
const residentMb = async (): Promise<string> => {
  await sleep(SETTLE_MS);
  const status = await readFile(`/proc/${node.child.pid}/status`, "utf8");
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024).toFixed(0);
};
try {
  console.log("| model | file MB | before MB | loaded MB | after requests MB | unloaded MB |");
  console.log("|---|---:|---:|---:|---:|---:|");
  for (const { name, onnx, input } of CASES) {
    const artifact = createHash("sha256").update(onnx).digest("hex");
    await writeFile(join(folder, artifact), onnx);
    const cells = [name, (onnx.byteLength / 2 ** 20).toFixed(1), await residentMb()];
    await client.load("model", { artifact });
    cells.push(await residentMb());
    for (let at = 0; at < REQUESTS; at++) await client.infer("model", [input]);
    cells.push(await residentMb());
    await client.unload("model");
    cells.push(await residentMb());
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  await client.close();
  await stopProcess(node);
  await rm(folder, { recursive: true, force: true });
}
