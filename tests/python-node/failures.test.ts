import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { NodeModel } from "@/server/kernel/ports";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { slopeModel } from "../deployments/support/deployed-world";
import { until } from "../predictions/support/prediction-server";
import {
  NODE_DEADLINE_MS,
  type PythonNode,
  skipPython,
  startPythonNode,
} from "./support/python-node";
import { createPythonWorld, type PythonWorld } from "./support/python-world";

let world: PythonWorld;
let model: NodeModel;
const nodes: PythonNode[] = [];
const row: Tensor = {
  name: "numeric",
  datatype: "FP64",
  shape: [1, 2],
  data: Float64Array.of(2, 1),
};

async function addNode(): Promise<PythonNode> {
  const node = await startPythonNode(world.server.url);
  nodes.push(node);
  await until(() => usable(node), NODE_DEADLINE_MS);
  return node;
}

const usable = (node: PythonNode) =>
  world.pool.addresses().some(({ url, reachable }) => reachable && url === node.url);

beforeAll(async () => {
  world = await createPythonWorld();
  if (skipPython) return;
  const workspace = await world.workspace();
  const { onnx, signature } = slopeModel(3);
  const stored = await world.objects.put(workspace.id, Readable.from([onnx]), 1e6);
  model = {
    workspaceId: workspace.id,
    versionId: randomUUID(),
    ...stored,
    signature,
    selector: { runtime: "python" },
  };
  await Promise.all([addNode(), addNode()]);
  expect(await world.pool.load(model, 2)).toBe(2);
}, NODE_DEADLINE_MS);
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await world.close();
}, NODE_DEADLINE_MS);

const answer = async () => {
  const { tensors } = await world.pool.infer(model, 2, [row]);
  return Number(tensors[0]?.data[0]);
};

/** Asks from several places at once until `stop`; answers how many were right, and what failed. */
function underLoad() {
  const seen = { right: 0, failed: [] as string[] };
  let stopped = false;
  const asking = Array.from({ length: 4 }, async () => {
    while (!stopped) {
      await answer().then(
        (value) => (value === 7 ? seen.right++ : seen.failed.push(`answered ${value}`)),
        (error: unknown) => seen.failed.push(String(error)),
      );
    }
  });
  return {
    seen,
    stop: async () => {
      stopped = true;
      await Promise.all(asking);
    },
  };
}

it.skipIf(skipPython)(
  "a Python node that is killed under load costs no request, and another takes its place",
  async () => {
    const load = underLoad();
    await until(() => load.seen.right >= 50, NODE_DEADLINE_MS / 4);
    nodes[0]?.process.kill("SIGKILL");
    const before = load.seen.right;
    await until(() => load.seen.right >= before + 200, NODE_DEADLINE_MS / 4);
    await addNode();
    await load.stop();
    expect(load.seen.failed).toEqual([]);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(skipPython)(
  "while a Python node is frozen the others answer, and it comes back by itself",
  async () => {
    const [, frozen] = nodes;
    if (!frozen) throw new Error("no node");
    expect(frozen.process.kill("SIGSTOP")).toBe(true);
    let inARow = 0;
    await until(async () => {
      inARow = await answer().then(
        (value) => (value === 7 ? inARow + 1 : 0),
        () => 0,
      );
      return inARow >= 50;
    }, NODE_DEADLINE_MS / 2);
    frozen.process.kill("SIGCONT");
    await until(() => usable(frozen), NODE_DEADLINE_MS / 4);
    expect(await answer()).toBe(7);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(skipPython)(
  "a Python node that is told to end says goodbye and answers what it had begun",
  async () => {
    const load = underLoad();
    await until(() => load.seen.right >= 20, NODE_DEADLINE_MS / 4);
    const [, leaving] = nodes;
    await leaving?.close();
    expect(leaving?.process.exitCode).toBe(0);
    const before = load.seen.right;
    await until(() => load.seen.right >= before + 50, NODE_DEADLINE_MS / 4);
    await load.stop();
    expect(load.seen.failed).toEqual([]);
  },
  NODE_DEADLINE_MS,
);
