import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import { getVersion, listVersionArtifacts } from "@/server/registry";
import { setSignature } from "@/server/registry/signatures/set-signature";
import { rollOutNow } from "../deployments/support/deployed-world";
import { runPython } from "../mlflow/python-client";
import { call, until } from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import {
  CLIENT_DEADLINE_MS,
  hasTorch,
  NODE_DEADLINE_MS,
  type PythonNode,
  startPythonNode,
} from "./support/python-node";
import { createPythonWorld, type PythonWorld } from "./support/python-world";

interface Told {
  rows: number[][];
  net: number[];
  labels: number[];
}

const torch = await hasTorch();
let world: PythonWorld;
let workspace: TestWorkspace;
let key: string;
let node: PythonNode | undefined;
let told: Told;

beforeAll(async () => {
  world = await createPythonWorld();
  workspace = await world.workspace();
  key = await workspace.key("admin");
  if (!torch) return;
  told = await runPython<Told>("../python-node/log_archives.py", {
    MLFLOW_TRACKING_URI: world.server.url,
    MLFLOW_TRACKING_TOKEN: await workspace.key("data_scientist"),
  });
}, CLIENT_DEADLINE_MS);
afterAll(async () => {
  await node?.close();
  await world.close();
}, NODE_DEADLINE_MS);

const version = (model: string) => getVersion(workspace.as("viewer"), { model, version: "1" });

async function deploy(model: string): Promise<string> {
  const { id: versionId } = await version(model);
  const values = { model, versionId, name: model, environment: "production" } as const;
  const { deploymentId } = await deployVersion(workspace.as("admin"), values);
  return deploymentId;
}

async function withNode(): Promise<void> {
  node ??= await startPythonNode(world.server.url);
  await until(() => world.pool.fits({ format: "pt2" }), NODE_DEADLINE_MS);
}

async function predictions(name: string, features: string[]): Promise<unknown[]> {
  const inputs = told.rows.map((row) =>
    Object.fromEntries(features.map((feature, at) => [feature, row[at]])),
  );
  const url = `${world.server.url}/api/v1/deployments/${name}/predict`;
  const reply = await until(async () => {
    const answer = await call(url, key, { inputs });
    return answer.status === 200 && answer;
  }, NODE_DEADLINE_MS / 2);
  return (reply.body as { predictions: unknown[] }).predictions;
}

it.skipIf(!torch)(
  "an archive that MLflow's client logged is refused without a Python node, and deployed with one",
  async () => {
    await expect(deploy("net")).rejects.toThrow(/python -m modelyard_node --register/);
    await withNode();
    await rollOutNow(world, workspace, await deploy("net"));
    const made = await version("net");
    const features = ["feature_0", "feature_1", "feature_2"];
    expect(made).toMatchObject({
      task: "regression",
      signature: { features: features.map((name) => ({ name, type: "number" })) },
      inputExample: { feature_0: 0.5, feature_1: -1.25, feature_2: 2 },
    });
    const files = await listVersionArtifacts(workspace.as("viewer"), {
      model: "net",
      version: "1",
    });
    const served = files.filter(({ kind }) => kind === "model");
    expect(served.map(({ path }) => path)).toEqual(["modelyard/model.pt2"]);
    expect(files.find(({ path }) => path === "data/model.pt2")?.sha256).toBe(served[0]?.sha256);
    for (const [at, answer] of (await predictions("net", features)).entries())
      expect(Number(answer)).toBeCloseTo(told.net[at] ?? NaN, 5);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch)(
  "an archive that was logged as a file alone is deployed where it names its outputs",
  async () => {
    await withNode();
    await rollOutNow(world, workspace, await deploy("judge"));
    expect(await version("judge")).toMatchObject({
      task: "classification",
      signature: { classes: [0, 1, 2] },
    });
    expect(await predictions("judge", ["x_0", "x_1", "x_2"])).toEqual(told.labels);
  },
  NODE_DEADLINE_MS,
);

it.skipIf(!torch)(
  "an archive whose answer says nothing of itself is refused with what to do, and a signature that it does not keep too",
  async () => {
    await withNode();
    await expect(deploy("wide")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/cannot be served as it was logged.*PUT \/models/s),
    });
    const files = await listVersionArtifacts(workspace.as("viewer"), {
      model: "wide",
      version: "1",
    });
    expect(files.filter(({ kind }) => kind === "model")).toEqual([]);
    const { signature } = await version("net");
    if (!signature) throw new Error("net has no signature");
    const change = { model: "wide", version: "1", signature, note: "" };
    await expect(setSignature(workspace.as("admin"), change)).rejects.toMatchObject({
      code: "validation_failed",
    });
  },
  NODE_DEADLINE_MS,
);
