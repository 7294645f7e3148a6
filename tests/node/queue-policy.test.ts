import { expect, test } from "vitest";
import type { ModelConfig } from "@/server/node/models/load-request";
import { queueIdOf } from "@/server/node/models/queue-id";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { slowModel } from "./support/sample-models";
import { startTestNode, type TestNode } from "./support/start-test-node";

const WIDTH = 512;

function input(rows: number): Tensor {
  const data = new Float32Array(rows * WIDTH).fill(0.5);
  return { name: "input", datatype: "FP32", shape: [rows, WIDTH], data };
}

async function loaded(config: object): Promise<TestNode & { artifact: string }> {
  const node = await startTestNode();
  const artifact = node.artifacts.put(slowModel(WIDTH));
  await node.client.load("slow", { artifact, config });
  // A busy node accepts new connections one by one between two calls.
  await Promise.all(Array.from({ length: 24 }, () => node.client.ready()));
  return { ...node, artifact };
}

const batchRows = async (node: TestNode, count: number, rows = 1) => {
  const answers = await Promise.all(
    Array.from({ length: count }, () => node.client.infer("slow", [input(rows)])),
  );
  return answers.map((answer) => answer.timings.batchRows);
};

test("off runs each request alone, fixed never above its size, auto merges what waits", async () => {
  const node = await loaded({ mode: "off" });
  expect(Math.max(...(await batchRows(node, 20)))).toBe(1);
  await node.client.load("slow", { artifact: node.artifact, config: { max_batch_size: 3 } });
  const fixed = await batchRows(node, 20);
  expect(Math.max(...fixed)).toBe(3);
  await node.client.load("slow", { artifact: node.artifact, config: { mode: "auto" } });
  expect(Math.max(...(await batchRows(node, 20)))).toBeGreaterThan(1);
});

test("another policy for the same model reads nothing again and loses no request", async () => {
  const node = await loaded({ mode: "auto" });
  const { reads } = node.artifacts;
  const running = batchRows(node, 20);
  for (const size of [1, 2, 4, 8]) {
    await node.client.load("slow", { artifact: node.artifact, config: { max_batch_size: size } });
  }
  expect(await running).toHaveLength(20);
  expect(Math.max(...(await batchRows(node, 20)))).toBeLessThanOrEqual(8);
  // A load that says nothing of the queue leaves it as it is.
  await node.client.load("slow", { artifact: node.artifact });
  expect(Math.max(...(await batchRows(node, 20)))).toBeLessThanOrEqual(8);
  expect(node.artifacts.reads).toBe(reads);
});

test("requests of a higher priority pass those that wait", async () => {
  const node = await loaded({ mode: "off", priority_levels: 3, default_priority_level: 2 });
  const order: string[] = [];
  const ask = (label: string, priority?: number) =>
    node.client.infer("slow", [input(64)], { priority }).then(() => order.push(label));
  const first = ask("first");
  await first;
  const low = Array.from({ length: 6 }, () => ask("low", 3));
  const middle = Array.from({ length: 4 }, () => ask("middle"));
  const high = Array.from({ length: 4 }, () => ask("high", 1));
  await Promise.all([...low, ...middle, ...high]);
  const mean = (label: string) => {
    const places = order.flatMap((one, at) => (one === label ? [at] : []));
    return places.reduce((sum, at) => sum + at, 0) / places.length;
  };
  expect(mean("high")).toBeLessThan(mean("middle"));
  expect(mean("middle")).toBeLessThan(mean("low"));
});

test("a policy without override holds to its own time to wait", async () => {
  const node = await loaded({ mode: "off", allow_timeout_override: false });
  const url = `${node.url}/v2/models/slow/infer`;
  const body = JSON.stringify({
    parameters: { timeout: 1 },
    inputs: [{ name: "input", datatype: "FP32", shape: [1, WIDTH], data: Array(WIDTH).fill(0.5) }],
  });
  const ask = () => fetch(url, { method: "POST", body }).then((reply) => reply.status);
  expect(new Set(await Promise.all(Array.from({ length: 12 }, ask)))).toEqual(new Set([200]));
  await node.client.load("slow", { artifact: node.artifact, config: { mode: "off" } });
  expect(await Promise.all(Array.from({ length: 12 }, ask))).toContain(503);
});

test("auto answers an idle model at once, whatever delay is set", async () => {
  const node = await loaded({ mode: "auto", max_queue_delay_microseconds: 1_000_000 });
  const { timings } = await node.client.infer("slow", [input(1)]);
  expect(timings.queueMs).toBeLessThan(990);
  await node.client.load("slow", {
    artifact: node.artifact,
    config: { mode: "fixed", max_queue_delay_microseconds: 300_000 },
  });
  const held = await node.client.infer("slow", [input(1)]);
  expect(held.timings.queueMs).toBeGreaterThan(250);
});

test("requests that name a queue are queued by its policy, beside those of the model's own", async () => {
  const gathering = { mode: "fixed", max_queue_delay_microseconds: 1_000_000 };
  const own = { ...gathering, preferred_batch_size: [20] };
  const node = await loaded(own as ModelConfig);
  const alone = { mode: "off" };
  const three = { ...gathering, max_batch_size: 3, preferred_batch_size: [3] };
  for (const config of [alone, three]) {
    await node.client.load("slow", { artifact: node.artifact, config: config as ModelConfig });
  }
  await node.client.load("slow", { artifact: node.artifact, config: own as ModelConfig });
  const rowsOf = async (queue: number | undefined) => {
    const asked = Array.from({ length: 20 }, () =>
      node.client.infer("slow", [input(1)], { queue }),
    );
    const answers = await Promise.all(asked);
    return Math.max(...answers.map(({ timings }) => timings.batchRows));
  };
  const [off, fixed, unnamed, unknown] = await Promise.all([
    rowsOf(queueIdOf(JSON.stringify(alone))),
    rowsOf(queueIdOf(JSON.stringify(three))),
    rowsOf(undefined),
    rowsOf(1),
  ]);
  expect(off).toBe(1);
  expect(fixed).toBe(3);
  expect(unnamed).toBeGreaterThan(3);
  expect(unknown).toBeGreaterThan(3);
});

test("a model has a bounded number of queues; what is not known waits in its own", async () => {
  const node = await loaded({ mode: "off" });
  const configs = Array.from({ length: 20 }, (_, at) => ({
    mode: "off" as const,
    priority_levels: at,
  }));
  for (const config of configs) await node.client.load("slow", { artifact: node.artifact, config });
  for (const config of configs) {
    const queue = queueIdOf(JSON.stringify(config));
    const { timings } = await node.client.infer("slow", [input(1)], { queue });
    expect(timings.batchRows).toBe(1);
  }
});
