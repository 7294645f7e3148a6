import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { constant, onnxModel } from "./support/onnx-writer";
import {
  classifierModel,
  classifierSignature,
  identityModel,
  slowModel,
} from "./support/sample-models";
import { getJson, postJson, startTestNode } from "./support/start-test-node";

/** Answers `value` whatever it is asked; models of different values have different digests. */
function constantModel(value: number, padding = 0): Buffer {
  return onnxModel({
    nodes: [
      { op: "Mul", inputs: ["input", "zero"], outputs: ["nothing"] },
      { op: "Add", inputs: ["nothing", "value"], outputs: ["output"] },
    ],
    constants: [
      constant("zero", "FP64", [1], [0]),
      constant("value", "FP64", [1], [value]),
      constant("padding", "FP64", [padding], new Array(padding).fill(1)),
    ],
    inputs: [{ name: "input", type: "FP64", shape: ["batch", 1] }],
    outputs: [{ name: "output", type: "FP64", shape: ["batch", 1] }],
  });
}

const one: Tensor = { name: "input", datatype: "FP64", shape: [1, 1], data: Float64Array.of(1) };

test("health, metadata and readiness have the bodies that other servers' clients read", async () => {
  const node = await startTestNode();
  await node.client.load("m", { artifact: node.artifacts.put(identityModel("FP32")) });
  expect((await getJson(`${node.url}/v2/health/live?x=1`)).body).toEqual({
    live: true,
    ready: true,
  });
  expect((await getJson(`${node.url}/v2/health/ready`)).body).toEqual({ live: true, ready: true });
  expect((await getJson(`${node.url}/v2`)).body).toMatchObject({
    name: "modelyard-node",
    extensions: expect.arrayContaining(["binary_tensor_data", "model_repository", "statistics"]),
  });
  const metadata = {
    name: "m",
    versions: ["1"],
    platform: "onnxruntime_onnx",
    inputs: [{ name: "input", datatype: "FP32", shape: [-1, 2] }],
    outputs: [{ name: "output", datatype: "FP32", shape: [-1, 2] }],
  };
  expect((await getJson(`${node.url}/v2/models/m?a=b`)).body).toEqual(metadata);
  expect((await getJson(`${node.url}/v2/models/%6D/versions/1/`)).body).toEqual(metadata);
  expect((await getJson(`${node.url}/v2/models/m/versions/1/ready`)).body).toMatchObject({
    ready: true,
  });
});

test("a load checks the digest and the size and leaves what was there when it fails", async () => {
  const node = await startTestNode();
  const good = node.artifacts.put(constantModel(1));
  await node.client.load("m", { artifact: good });
  const lie = "0".repeat(64);
  node.artifacts.putUnder(lie, constantModel(2));
  await expect(node.client.load("m", { artifact: lie })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("SHA-256"),
  });
  await expect(
    node.client.load("m", { artifact: good, sizeBytes: 3, config: {} }),
  ).resolves.toBeUndefined();
  const other = node.artifacts.put(constantModel(3));
  await expect(node.client.load("m", { artifact: other, sizeBytes: 3 })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("size_bytes says 3"),
  });
  await expect(node.client.load("m", { artifact: "f".repeat(64) })).rejects.toMatchObject({
    status: 404,
  });
  const { tensors } = await node.client.infer("m", [one]);
  expect(tensors[0]?.data).toEqual(Float64Array.of(1));
});

test("a replaced model answers with the new version and no request fails meanwhile", async () => {
  const node = await startTestNode();
  const artifacts = [0, 1, 2, 3].map((value) => node.artifacts.put(constantModel(value)));
  await node.client.load("m", { artifact: artifacts[0] ?? "" });
  let running = true;
  const seen = new Set<number>();
  const callers = Array.from({ length: 8 }, async () => {
    while (running) {
      const { tensors } = await node.client.infer("m", [one]);
      seen.add(Number(tensors[0]?.data[0]));
    }
  });
  for (const [value, artifact] of artifacts.entries()) {
    await node.client.load("m", { artifact });
    await expect.poll(() => seen.has(value)).toBe(true);
  }
  running = false;
  await Promise.all(callers);
  expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  expect(node.errors).toEqual([]);
});

test("equal loads at the same time read the artifact once, a repeated one not at all", async () => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(classifierModel());
  const options = { artifact, signature: classifierSignature() };
  await Promise.all(Array.from({ length: 10 }, () => node.client.load("m", options)));
  await node.client.load("m", options);
  expect(node.artifacts.reads).toBe(1);
});

test("different loads of one name at the same time leave one of them, wholly", async () => {
  const node = await startTestNode();
  const artifacts = [1, 2, 3].map((value) => node.artifacts.put(constantModel(value)));
  await Promise.all(artifacts.map((artifact) => node.client.load("m", { artifact })));
  const { tensors } = await node.client.infer("m", [one]);
  expect([1, 2, 3]).toContain(Number(tensors[0]?.data[0]));
  expect(await node.client.index()).toHaveLength(1);
});

test("an unloaded model is gone from metadata and index; unloading twice is no error for the client", async () => {
  const node = await startTestNode();
  await node.client.load("m", { artifact: node.artifacts.put(identityModel("FP32")) });
  expect(await node.client.ready("m")).toBe(true);
  expect(await node.client.index()).toEqual([
    { name: "m", version: "1", state: "READY", reason: "" },
  ]);
  await node.client.unload("m");
  expect(await node.client.ready("m")).toBe(false);
  expect(await node.client.index()).toEqual([]);
  expect((await getJson(`${node.url}/v2/models/m`)).status).toBe(404);
  await node.client.unload("m");
  const again = await postJson(`${node.url}/v2/repository/models/m/unload`, {});
  expect(again.status).toBe(404);
});

test("unload waits for the requests that were already taken", async () => {
  const node = await startTestNode();
  const config = { max_batch_size: 0 };
  await node.client.load("slow", { artifact: node.artifacts.put(slowModel()), config });
  const data = new Float32Array(512 * 64);
  const input: Tensor = { name: "input", datatype: "FP32", shape: [64, 512], data };
  const answers = Array.from({ length: 8 }, () => node.client.infer("slow", [input]));
  const stillQueued = async () => (await node.client.stats("slow")).model_stats[0]?.inference_count;
  await stillQueued();
  const [results] = await Promise.all([Promise.all(answers), node.client.unload("slow")]);
  expect(results).toHaveLength(8);
  await expect(node.client.infer("slow", [input])).rejects.toMatchObject({ status: 404 });
});

test("least recently used models are evicted by bytes and come back with their next request", async () => {
  const sample = constantModel(1, 1000);
  const node = await startTestNode({ cacheBytesMax: sample.byteLength * 2 + 100 });
  for (const [name, value] of [
    ["a", 1],
    ["b", 2],
  ] as const)
    await node.client.load(name, { artifact: node.artifacts.put(constantModel(value, 1000)) });
  await node.client.infer("a", [one]);
  await node.client.load("c", { artifact: node.artifacts.put(constantModel(3, 1000)) });
  const evicted = async () =>
    (await node.client.index()).filter((entry) => entry.reason !== "").map((entry) => entry.name);
  expect(await evicted()).toEqual(["b"]);
  expect(await node.client.ready("b")).toBe(true);
  const answers = await Promise.all(Array.from({ length: 5 }, () => node.client.infer("b", [one])));
  expect(answers.map((answer) => answer.tensors[0]?.data[0])).toEqual([2, 2, 2, 2, 2]);
  expect(node.artifacts.reads).toBe(4);
  expect(await evicted()).toEqual(["a"]);
});

test("models that push each other out of memory under load answer right or say 503", async () => {
  const sample = constantModel(1, 1000);
  const node = await startTestNode({ cacheBytesMax: sample.byteLength + 100 });
  const values = [1, 2, 3];
  for (const value of values) {
    const artifact = node.artifacts.put(constantModel(value, 1000));
    await node.client.load(`m${value}`, { artifact });
  }
  const answers = await Promise.all(
    Array.from({ length: 90 }, async (_, at) => {
      const value = values[at % values.length] ?? 0;
      const answer = await node.client
        .infer(`m${value}`, [one])
        .catch((error: Error) => error.name);
      return typeof answer === "string" ? answer : answer.tensors[0]?.data[0] === value;
    }),
  );
  expect(new Set(answers).has(false)).toBe(false);
  expect(answers.filter((answer) => answer === true).length).toBeGreaterThan(30);
  expect([...new Set(answers)].filter((answer) => answer !== true)).not.toContain(
    "NodeUnavailable",
  );
  expect(node.errors).toEqual([]);
});

test("requests for an evicted model never undo the load of its newer version", async () => {
  const sample = constantModel(1, 1000);
  const node = await startTestNode({ cacheBytesMax: sample.byteLength + 100 });
  const put = (value: number) => node.artifacts.put(constantModel(value, 1000));
  for (let round = 0; round < 10; round++) {
    await node.client.load("m", { artifact: put(round * 2) });
    await node.client.load("other", { artifact: put(-1) });
    const newer = node.client.load("m", { artifact: put(round * 2 + 1) });
    const early = Array.from({ length: 8 }, () => node.client.infer("m", [one]));
    await Promise.all([newer, ...early]);
    const { tensors } = await node.client.infer("m", [one]);
    expect(tensors[0]?.data[0]).toBe(round * 2 + 1);
  }
});

test("a model larger than the whole cache is refused before it is read", async () => {
  const bytes = constantModel(1, 1000);
  const node = await startTestNode({ cacheBytesMax: bytes.byteLength - 1 });
  const artifact = node.artifacts.put(bytes);
  const sizeBytes = bytes.byteLength;
  await expect(node.client.load("m", { artifact, sizeBytes })).rejects.toMatchObject({
    status: 400,
  });
  expect(node.artifacts.reads).toBe(0);
  await expect(node.client.load("m", { artifact })).rejects.toMatchObject({ status: 400 });
});

test("an evicted model whose artifact cannot be read gives 503 until it can", async () => {
  const sample = constantModel(1, 1000);
  let broken = false;
  const files = new Map<string, Buffer>();
  const digestOf = (bytes: Buffer) => {
    const digest = createHash("sha256").update(bytes).digest("hex");
    files.set(digest, bytes);
    return digest;
  };
  const node = await startTestNode({
    cacheBytesMax: sample.byteLength + 100,
    readArtifact: async (digest) => {
      if (broken) throw new Error("the store is away");
      return files.get(digest) ?? Buffer.alloc(0);
    },
  });
  await node.client.load("a", { artifact: digestOf(constantModel(1, 1000)) });
  await node.client.load("b", { artifact: digestOf(constantModel(2, 1000)) });
  broken = true;
  await expect(node.client.infer("a", [one])).rejects.toMatchObject({ name: "NodeOverloaded" });
  expect((await node.client.infer("b", [one])).tensors[0]?.data[0]).toBe(2);
  broken = false;
  expect((await node.client.infer("a", [one])).tensors[0]?.data[0]).toBe(1);
});

test("memory stays flat while models are loaded, used and unloaded", async () => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(slowModel(512, 4));
  const data = new Float32Array(512);
  const input: Tensor = { name: "input", datatype: "FP32", shape: [1, 512], data };
  const cycle = async () => {
    await node.client.load("m", { artifact });
    await node.client.infer("m", [input]);
    await node.client.unload("m");
  };
  for (let round = 0; round < 15; round++) await cycle();
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 40; round++) await cycle();
  const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
  // 40 leaked models of 4 MiB would be 160 MiB.
  expect(grownMiB).toBeLessThan(60);
}, 180_000);

test("a node keeps as many models in memory as it may, and all of them answer", async () => {
  const node = await startTestNode({ modelsMax: 2 });
  for (const value of [1, 2, 3]) {
    await node.client.load(`m${value}`, { artifact: node.artifacts.put(constantModel(value)) });
  }
  const evicted = async () =>
    (await node.client.index()).filter(({ reason }) => reason !== "").map(({ name }) => name);
  expect(await evicted()).toEqual(["m1"]);
  for (const value of [1, 2, 3, 1]) {
    const { tensors } = await node.client.infer(`m${value}`, [one]);
    expect([...(tensors[0]?.data ?? [])]).toEqual([value]);
    expect(await evicted()).toHaveLength(1);
  }
});
