import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import { signatureSchema } from "@/server/protocols/open-inference/codec";
import { proposeSignature } from "@/server/registry/signatures/propose-signature";
import { setSignature } from "@/server/registry/signatures/set-signature";
import { makeModel, rollOutNow } from "../deployments/support/deployed-world";
import { call, until } from "../predictions/support/prediction-server";
import { logVersion } from "../registry/logged-onnx";
import type { TestWorkspace } from "../support/workspace";
import {
  hasTorch,
  NODE_DEADLINE_MS,
  NODE_TOKEN,
  type PythonNode,
  runNodePython,
  startPythonNode,
} from "./support/python-node";
import { createPythonWorld, type PythonWorld } from "./support/python-world";

interface Exported {
  rows: number[][];
  regression: number[];
  labels: number[];
  probabilities: number[][];
  inner: number[][];
  classes: number[];
  shares: number[][];
  sums: number[];
  opened: boolean;
}

const torch = await hasTorch();
let world: PythonWorld;
let workspace: TestWorkspace;
let key: string;
let node: PythonNode | undefined;
let folder: string;
let exported: Exported;
let knocks = 0;
const listener = createServer((socket) => {
  knocks++;
  socket.destroy();
});

beforeAll(async () => {
  world = await createPythonWorld();
  workspace = await world.workspace();
  key = await workspace.key("admin");
  folder = await mkdtemp(join(tmpdir(), "modelyard-archives-"));
  if (!torch) return;
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  const port = (listener.address() as { port: number }).port;
  const target = { file: join(folder, "walled"), control: join(folder, "unwalled"), port };
  const script = "tests/python-node/make_archives.py";
  exported = await runNodePython<Exported>([script, folder, JSON.stringify(target)]);
}, NODE_DEADLINE_MS);
afterAll(async () => {
  await node?.close();
  listener.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
}, NODE_DEADLINE_MS);

async function upload(model: string, file: string, fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("model", new Blob([await readFile(join(folder, `${file}.pt2`))]), "model.pt2");
  const reply = await fetch(`${world.server.url}/api/v1/models/${model}/versions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

/** The first test that needs a node starts it: before that there is none. */
async function withNode(): Promise<PythonNode> {
  node ??= await startPythonNode(world.server.url);
  await until(() => world.pool.fits({ format: "pt2" }), NODE_DEADLINE_MS);
  return node;
}

async function serve(model: string, versionId: string, name: string) {
  const ctx = workspace.as("admin");
  const { deploymentId } = await deployVersion(ctx, {
    model,
    versionId,
    name,
    environment: "production",
  });
  await rollOutNow(world, workspace, deploymentId);
  return deploymentId;
}

/** The first answer of a deployment that is on its way. */
async function answered(name: string, inputs: object[]) {
  const url = `${world.server.url}/api/v1/deployments/${name}/predict`;
  const reply = await until(async () => {
    const answer = await call(url, key, { inputs });
    return answer.status === 200 && answer;
  }, NODE_DEADLINE_MS / 2);
  return reply.body as { predictions: unknown[]; probabilities: Record<string, number>[] };
}

it.skipIf(!torch)(
  "without a Python node an archive is refused with the command that starts one",
  async () => {
    const model = await makeModel(workspace.as("admin"));
    const told = await upload(model.name, "regression");
    expect([told.status, told.body.detail]).toEqual([
      409,
      expect.stringContaining("python -m modelyard_node --register"),
    ]);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch)(
  "an archive that is sent and deployed answers by feature name as PyTorch does",
  async () => {
    await withNode();
    const model = await makeModel(workspace.as("admin"));
    const features = ["a", "b", "c"];
    const inputExample = Object.fromEntries(
      features.map((name, at) => [name, exported.rows[0]?.[at]]),
    );
    const told = await upload(model.name, "regression", {
      task: "regression",
      features: JSON.stringify(features),
      inputExample: JSON.stringify(inputExample),
    });
    expect(told).toMatchObject({ status: 201, body: { task: "regression" } });
    await serve(model.name, String(told.body.id), "net");
    const inputs = exported.rows.map((row) =>
      Object.fromEntries(features.map((name, column) => [name, row[column]])),
    );
    const reply = await answered("net", inputs);
    for (const [at, expected] of exported.regression.entries())
      expect(Math.abs(Number(reply.predictions[at]) - expected)).toBeLessThan(1e-6);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch)(
  "an archive that names its outputs is a classifier by itself",
  async () => {
    await withNode();
    const model = await makeModel(workspace.as("admin"));
    const told = await upload(model.name, "classifier", { classes: '["no","yes"]' });
    expect(told).toMatchObject({ status: 201, body: { task: "classification" } });
    await serve(model.name, String(told.body.id), "judge");
    const inputs = exported.rows.map((row) =>
      Object.fromEntries(row.map((value, at) => [`x_${at}`, value])),
    );
    const reply = await answered("judge", inputs);
    expect(reply.predictions).toEqual(exported.labels.map((at) => ["no", "yes"][at]));
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch)(
  "answers without names are told by their places, named by whoever knows them, and served",
  async () => {
    await withNode();
    const archive = await readFile(join(folder, "several.pt2"));
    await logVersion(world.server.url, key, "several", { "several.pt2": archive });
    const ctx = workspace.as("admin");
    const ref = { model: "several", version: "1" };
    const open = await proposeSignature(ctx, ref);
    expect(open).toMatchObject({
      graph: { outputs: [{ name: "output_0" }, { name: "output_1" }, { name: "output_2" }] },
      signature: null,
      reason: expect.stringContaining("output_0, output_1, output_2"),
    });
    const told = await proposeSignature(ctx, { ...ref, outputs: { logits: "output_1" } });
    const signature = signatureSchema.parse(told.signature);
    expect(signature.outputs).toEqual([
      expect.objectContaining({
        name: "probabilities",
        from: { output: "output_1", operator: "Softmax" },
      }),
      expect.objectContaining({ name: "label", from: { output: "output_1", operator: "ArgMax" } }),
      expect.objectContaining({ name: "output_0", shape: [-1, 16] }),
      expect.objectContaining({ name: "output_2", shape: [-1] }),
    ]);
    const named = signature.outputs.map((one) =>
      one.name === "output_2"
        ? { ...one, name: "sum", from: { output: "output_2", operator: "Identity" as const } }
        : one,
    );
    const { id } = await setSignature(ctx, {
      ...ref,
      signature: { ...signature, outputs: named },
    });
    await serve("several", id, "several");
    const inputs = exported.rows.map((row) =>
      Object.fromEntries(row.map((value, at) => [`x_${at}`, value])),
    );
    const reply = await answered("several", inputs);
    expect(reply.predictions).toEqual(exported.classes);
    for (const [at, shares] of exported.shares.entries())
      for (const [place, share] of Object.values(reply.probabilities[at] ?? {}).entries())
        expect(share).toBeCloseTo(shares[place] ?? NaN, 5);
    const raw = await call(`${world.server.url}/v2/models/several/infer`, key, {
      inputs: [{ name: "x", datatype: "FP32", shape: [2, 3], data: exported.rows.flat() }],
      outputs: [{ name: "sum" }, { name: "output_0" }],
    });
    const [sum, inner] = raw.body.outputs as { name: string; data: number[] }[];
    expect([sum?.name, inner?.name]).toEqual(["sum", "output_0"]);
    for (const [at, value] of exported.sums.entries()) expect(sum?.data[at]).toBeCloseTo(value, 4);
    for (const [at, value] of exported.inner.flat().entries())
      expect(inner?.data[at]).toBeCloseTo(value, 4);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch)(
  "an archive of a fixed number of rows is refused with what to export instead",
  async () => {
    await withNode();
    const model = await makeModel(workspace.as("admin"));
    const told = await upload(model.name, "fixed", { task: "regression" });
    expect([told.status, told.body.detail]).toEqual([
      422,
      expect.stringContaining("any number of rows"),
    ]);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch || process.platform !== "linux")(
  "code that an archive brings along writes no file, reaches no network, starts no program and ends no node",
  async () => {
    const { process: child } = await withNode();
    // The same code did all of it where nothing walled it off.
    expect(exported.opened).toBe(true);
    const before = knocks;
    expect(before).toBeGreaterThan(0);
    const model = await makeModel(workspace.as("admin"));
    const told = await upload(model.name, "hostile", { task: "regression" });
    expect(told.status).toBe(422);
    expect(knocks).toBe(before);
    for (const name of ["walled", "walled-program"])
      await expect(readFile(join(folder, name))).rejects.toThrow("ENOENT");
    expect(child.exitCode).toBeNull();
    expect((await fetch(`${node?.url}/v2/health/live`)).status).toBe(200);
  },
  NODE_DEADLINE_MS,
);

it("a node reads the file it was given the key to, in ranges, and nothing else", async () => {
  const { Readable } = await import("node:stream");
  const content = Buffer.from("0123456789".repeat(5000));
  const ctx = workspace.as("admin");
  const stored = await ctx.ports.objects.put(ctx.workspaceId, Readable.from([content]), 1e6);
  const access = await ctx.ports.objects.access(ctx.workspaceId, stored.sha256);
  const url = `${world.server.url}/api/v1/nodes/artifacts/${ctx.workspaceId}/${stored.sha256}`;
  const read = (headers: Record<string, string>, to = url) => fetch(to, { headers });
  const shown = { "x-modelyard-node-token": NODE_TOKEN, "x-modelyard-object-key": access.key };
  const whole = await read(shown);
  expect([whole.status, Buffer.from(await whole.arrayBuffer()).equals(content)]).toEqual([
    200,
    true,
  ]);
  const part = await read({ ...shown, range: "bytes=20000-20009" });
  expect([part.status, await part.text()]).toEqual([206, "0123456789"]);
  expect((await read({ "x-modelyard-object-key": access.key })).status).toBe(401);
  expect((await read({ ...shown, "x-modelyard-node-token": "wrong" })).status).toBe(401);
  const other = Buffer.alloc(32, 1).toString("base64");
  expect((await read({ ...shown, "x-modelyard-object-key": other })).status).toBe(404);
  expect((await read({ "x-modelyard-node-token": NODE_TOKEN })).status).toBe(404);
  const stranger = await world.workspace();
  expect((await read(shown, url.replace(ctx.workspaceId, stranger.id))).status).toBe(404);
  expect((await read(shown, url.replace(stored.sha256, "f".repeat(64)))).status).toBe(404);
  expect((await read(shown, url.replace(stored.sha256, "nothing"))).status).toBe(422);
});
