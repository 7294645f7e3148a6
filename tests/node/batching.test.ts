import { expect, test } from "vitest";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { onnxModel } from "./support/onnx-writer";
import {
  classifierModel,
  classifierSignature,
  identityModel,
  slowModel,
} from "./support/sample-models";
import { postJson, startTestNode, type TestNode } from "./support/start-test-node";

const WIDTH = 512;

function slowInput(rows: number, seed: number): Tensor {
  const data = Float32Array.from({ length: rows * WIDTH }, (_, at) => Math.sin(at * seed));
  return { name: "input", datatype: "FP32", shape: [rows, WIDTH], data };
}

/** Opens the client's connections: a busy node accepts new ones one by one between two calls. */
async function connect(node: TestNode, connections: number): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => node.client.ready()));
}

/** Turns text into numbers inside the graph, so that some text makes the whole call fail. */
const parsingModel = onnxModel({
  nodes: [{ op: "Cast", inputs: ["input"], outputs: ["output"], attributes: { to: { int: 11 } } }],
  inputs: [{ name: "input", type: "BYTES", shape: ["batch", 1] }],
  outputs: [{ name: "output", type: "FP64", shape: ["batch", 1] }],
});
const numbersOf = (tensor: Tensor | undefined) => Array.from(tensor?.data as Float32Array);
const text = (value: string): Tensor => ({
  name: "input",
  datatype: "BYTES",
  shape: [1, 1],
  data: [value],
});

test("what arrives while a call runs is merged, and every caller gets its own rows", async () => {
  const node = await startTestNode();
  await node.client.load("slow", { artifact: node.artifacts.put(slowModel(WIDTH)) });
  const inputs = Array.from({ length: 40 }, (_, at) => slowInput(1 + (at % 3), at + 1));
  const alone: Tensor[][] = [];
  for (const input of inputs) alone.push((await node.client.infer("slow", [input])).tensors);
  await connect(node, inputs.length);
  const before = (await node.client.stats("slow")).model_stats[0]?.execution_count ?? 0;
  const merged = await Promise.all(inputs.map((input) => node.client.infer("slow", [input])));
  const after = (await node.client.stats("slow")).model_stats[0]?.execution_count ?? 0;
  expect(after - before).toBeLessThan(inputs.length / 2);
  expect(Math.max(...merged.map((answer) => answer.timings.batchRows))).toBeGreaterThan(3);
  for (const [at, answer] of merged.entries()) {
    const got = answer.tensors[0];
    const expected = alone[at]?.[0];
    expect(got?.shape).toEqual(expected?.shape);
    const values = numbersOf(got);
    expect(values.length).toBeGreaterThan(0);
    expect(numbersOf(expected).every((x, i) => Math.abs(x - (values[i] ?? NaN)) < 1e-4)).toBe(true);
  }
});

test("one request that makes the merged call fail does not fail its neighbors", async () => {
  const node = await startTestNode();
  const config = { max_queue_delay_microseconds: 50_000 };
  await node.client.load("parse", { artifact: node.artifacts.put(parsingModel), config });
  const values = ["1.5", "2.5", "not a number", "4.5"];
  const answers = await Promise.allSettled(
    values.map((value) => node.client.infer("parse", [text(value)])),
  );
  expect(answers.map((answer) => answer.status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(answers[2]).toMatchObject({ reason: { name: "NodeRejected", status: 400 } });
  const numbers = answers.map((answer) =>
    answer.status === "fulfilled" ? answer.value.tensors[0]?.data[0] : undefined,
  );
  expect(numbers).toEqual([1.5, 2.5, undefined, 4.5]);
});

test("a request above the batch limit is run in slices and answered whole", async () => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(identityModel("BYTES"));
  await node.client.load("id", { artifact, config: { max_batch_size: 8 } });
  const data = Array.from({ length: 42 }, (_, at) => `text ${at}`);
  const input: Tensor = { name: "input", datatype: "BYTES", shape: [21, 2], data };
  const { tensors, timings } = await node.client.infer("id", [input]);
  const texts = (tensors[0]?.data ?? []) as Uint8Array[];
  expect(texts.map((bytes) => Buffer.from(bytes).toString())).toEqual(data);
  expect(timings.batchRows).toBeLessThanOrEqual(8);
});

test("a request of more slices than the queue holds is answered whole all the same", async () => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(identityModel("INT64"));
  const config = { max_batch_size: 1, max_queue_size: 2 };
  await node.client.load("id", { artifact, config });
  const data = BigInt64Array.from({ length: 400 }, (_, at) => BigInt(at));
  const input: Tensor = { name: "input", datatype: "INT64", shape: [200, 2], data };
  const { tensors } = await node.client.infer("id", [input]);
  expect(tensors[0]?.data).toEqual(data);
});

test("a caller that hangs up leaves the queue and costs nobody else an answer", async () => {
  const node = await startTestNode();
  const config = { max_batch_size: 0 };
  await node.client.load("slow", { artifact: node.artifacts.put(slowModel(WIDTH)), config });
  const inputs = Array.from({ length: 16 }, (_, at) => slowInput(64, at));
  await connect(node, inputs.length * 2);
  const hasty = inputs.map((input) => node.client.infer("slow", [input], { timeoutMs: 15 }));
  const patient = inputs.map((input) => node.client.infer("slow", [input]));
  const gone = (await Promise.allSettled(hasty)).filter((answer) => answer.status === "rejected");
  expect(gone.length).toBeGreaterThan(0);
  expect(await Promise.all(patient)).toHaveLength(inputs.length);
  expect(node.errors).toEqual([]);
});

test("a full queue answers 503 with Retry-After, and what was taken is answered", async () => {
  const node = await startTestNode();
  const config = { max_batch_size: 0, max_queue_size: 4 };
  await node.client.load("slow", { artifact: node.artifacts.put(slowModel(WIDTH)), config });
  const inputs = Array.from({ length: 30 }, (_, at) => slowInput(64, at));
  await connect(node, inputs.length);
  const answers = await Promise.allSettled(
    inputs.map((input) => node.client.infer("slow", [input])),
  );
  const refused = answers.filter((answer) => answer.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(4);
  for (const answer of refused)
    expect(answer.reason).toMatchObject({ name: "NodeOverloaded", retryAfterSeconds: 1 });
  const stats = (await node.client.stats("slow")).model_stats[0];
  expect(stats?.inference_stats.fail.count).toBe(refused.length);
});

test("a request that waits longer than its own timeout is answered 503", async () => {
  const node = await startTestNode();
  const config = { max_batch_size: 0 };
  await node.client.load("slow", { artifact: node.artifacts.put(slowModel(WIDTH)), config });
  const body = (timeout?: number) => ({
    parameters: timeout === undefined ? {} : { timeout },
    inputs: [{ ...slowInput(16, 1), data: Array.from(slowInput(16, 1).data as Float32Array) }],
  });
  const url = `${node.url}/v2/models/slow/infer`;
  const patient = Array.from({ length: 6 }, () => postJson(url, body()));
  const hasty = Array.from({ length: 6 }, () => postJson(url, body(1)));
  expect((await Promise.all(patient)).map((reply) => reply.status)).toEqual(new Array(6).fill(200));
  const late = (await Promise.all(hasty)).filter((reply) => reply.status === 503);
  expect(late.length).toBeGreaterThan(0);
  expect(late[0]?.body.error).toContain("timeout");
  expect((await postJson(url, body(-5))).status).toBe(400);
});

test("a delay gathers requests that come one after the other into one call", async () => {
  const node = await startTestNode();
  const config = { max_queue_delay_microseconds: 1_000_000, preferred_batch_size: [4] };
  const signature = classifierSignature(4);
  await node.client.load("m", {
    artifact: node.artifacts.put(classifierModel(4)),
    signature,
    config,
  });
  const data = Float64Array.of(1, 2, 3, 4);
  const input: Tensor = { name: "numeric", datatype: "FP64", shape: [1, 4], data };
  const answers = await Promise.all([1, 2, 3, 4].map(() => node.client.infer("m", [input])));
  expect(answers.map((answer) => answer.timings.batchRows)).toEqual([4, 4, 4, 4]);
  expect(Math.max(...answers.map((answer) => answer.timings.queueMs))).toBeLessThan(990);
});

test("a model whose rows depend on each other is never merged", async () => {
  const node = await startTestNode();
  const softmaxOverRows = onnxModel({
    nodes: [
      { op: "Softmax", inputs: ["input"], outputs: ["output"], attributes: { axis: { int: 0 } } },
    ],
    inputs: [{ name: "input", type: "FP32", shape: ["batch", 2] }],
    outputs: [{ name: "output", type: "FP32", shape: ["batch", 2] }],
  });
  const config = { max_batch_size: 32, max_queue_delay_microseconds: 20_000 };
  await node.client.load("m", { artifact: node.artifacts.put(softmaxOverRows), config });
  const input: Tensor = {
    name: "input",
    datatype: "FP32",
    shape: [1, 2],
    data: Float32Array.of(3, 9),
  };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => node.client.infer("m", [input])),
  );
  for (const answer of answers) expect(answer.tensors[0]?.data).toEqual(Float32Array.of(1, 1));
});

test("no rows at all are an answer of no rows", async () => {
  const node = await startTestNode();
  const signature = classifierSignature(4);
  await node.client.load("m", { artifact: node.artifacts.put(classifierModel(4)), signature });
  const none: Tensor = {
    name: "numeric",
    datatype: "FP64",
    shape: [0, 4],
    data: new Float64Array(0),
  };
  const { tensors } = await node.client.infer("m", [none]);
  expect(tensors.map((tensor) => tensor.shape)).toEqual([[0], [0, 2]]);
});

test("requests for different outputs are not mixed up", async () => {
  const node = await startTestNode();
  const config = { max_queue_delay_microseconds: 20_000 };
  const signature = classifierSignature(4);
  await node.client.load("m", {
    artifact: node.artifacts.put(classifierModel(4)),
    signature,
    config,
  });
  const input: Tensor = {
    name: "numeric",
    datatype: "FP64",
    shape: [1, 4],
    data: new Float64Array(4),
  };
  const wanted = [["label"], ["probabilities"], ["probabilities", "label"], undefined];
  const answers = await Promise.all(
    wanted.map((outputs) => node.client.infer("m", [input], { outputs })),
  );
  expect(answers.map((answer) => answer.tensors.map((tensor) => tensor.name))).toEqual([
    ["label"],
    ["probabilities"],
    ["probabilities", "label"],
    ["label", "probabilities"],
  ]);
});
