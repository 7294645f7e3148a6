import { Readable } from "node:stream";
import pino from "pino";
import { withWorkspace } from "@/db/client";
import { createArtifactReader, createFileBlobs, storeObject } from "@/server/artifacts";
import {
  advanceRollOut,
  beginRollOut,
  deployVersion,
  failRollOut,
  loadVersion,
  NodePool,
} from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import type { ObjectStore } from "@/server/kernel/ports";
import { type ReadArtifact, type RunningNode, startNode } from "@/server/node/start-node";
import type { Signature } from "@/server/protocols/open-inference/codec";
import { createModel, registerVersion } from "@/server/registry";
import { constant, onnxModel } from "../../node/support/onnx-writer";
import { asOwner } from "../../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../../support/workspace";

export const silent = pino({ level: "silent" });
export const TOKEN = "node-token-of-the-tests";

/** A world with inference nodes in this process, one if not said; every context reaches them. */
export interface DeployedWorld extends TestWorld {
  /** The first. */
  node: RunningNode;
  nodeUrls: string[];
  nodes: NodePool;
  close(): Promise<void>;
}

type Around = (read: ReadArtifact) => ReadArtifact;

/** An inference node that reads the world's own artifacts; `around` may watch or hold that up. */
export function startWorldNode(
  artifactsFolder: string,
  port = 0,
  around: Around = (read) => read,
): Promise<RunningNode> {
  return startNode({
    host: "127.0.0.1",
    port,
    token: TOKEN,
    readArtifact: around(createArtifactReader(createFileBlobs(artifactsFolder))),
    cacheBytesMax: 64 * 1024 * 1024,
    maxBodyBytes: 64 * 1024 * 1024,
    log: silent,
  });
}

export const openPool = (urls: string[], objects: ObjectStore): NodePool =>
  new NodePool({ urls, token: TOKEN, objects, log: silent }).start();

export async function createDeployedWorld(around?: Around, count = 1): Promise<DeployedWorld> {
  const world = await createTestWorld();
  const node = await startWorldNode(world.artifactsFolder, 0, around);
  const all = [node];
  while (all.length < count) all.push(await startWorldNode(world.artifactsFolder, 0, around));
  const nodeUrls = all.map(({ url }) => url);
  const nodes = openPool(nodeUrls, world.objects);
  return {
    ...world,
    node,
    nodeUrls,
    nodes,
    workspace: async (slug) => {
      const workspace = await world.workspace(slug);
      const admin = workspace.as("admin");
      admin.ports.nodes = nodes;
      return workspace;
    },
    close: async () => {
      await nodes.close();
      await Promise.all(all.map((one) => one.close()));
      await world.close();
    },
  };
}

export interface TestModel {
  onnx: Buffer;
  signature: Signature;
}

/** prediction = slope × a + b: each version is told apart by its answers. */
export function slopeModel(slope: number): TestModel {
  return {
    onnx: onnxModel({
      nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
      constants: [constant("weights", "FP64", [2], [slope, 1])],
      inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
      outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
    }),
    signature: {
      task: "regression",
      features: [
        { name: "a", type: "number", nullable: false },
        { name: "b", type: "number", nullable: false },
      ],
      target: { name: "y", type: "number" },
      classes: null,
      inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, 2], columns: ["a", "b"] }],
      outputs: [{ name: "prediction", datatype: "FP64", shape: [-1] }],
    },
  };
}

let counter = 0;

/** A registered model; versions are added with `addVersion`. */
export async function makeModel(ctx: Context, name = `model-${++counter}`) {
  return createModel(ctx, { name, type: "regression", framework: "onnx" });
}

/** Stores the bytes and registers them as the model's next version; answers its id. */
export async function addVersion(
  ctx: Context,
  modelId: string,
  model: TestModel,
  path = "model.onnx",
): Promise<string> {
  const limit = 64 * 1024 * 1024;
  const stored = await ctx.ports.objects.put(ctx.workspaceId, Readable.from([model.onnx]), limit);
  await withWorkspace(ctx, (tx) => storeObject(tx, ctx, stored));
  const version = await registerVersion(ctx, {
    modelId,
    runId: null,
    datasetId: null,
    trainingJobId: null,
    label: null,
    algorithm: "linear_regression",
    task: model.signature.task,
    hyperparameters: {},
    metrics: { validation: {}, test: {} },
    signature: model.signature as never,
    inputExample: null,
    environment: {},
    parity: null,
    seed: 1,
    durationSeconds: 1,
    artifacts: [{ path, kind: "model", ...stored }],
  });
  return version.id;
}

/** The newest variant of a deployment that waits for its roll-out. */
export async function waitingVariant(world: TestWorld, deploymentId: string): Promise<string> {
  const [row] = await asOwner<{ id: string }>(
    world.db.ownerUrl,
    `select id from deployment_variants where deployment_id = $1 and status = 'loading'
     order by created_at desc, id desc limit 1`,
    [deploymentId],
  );
  if (!row) throw new Error("no variant waits");
  return row.id;
}

/** Does what the Inngest function does, without its waits; a direct roll-out is over then. */
export async function rollOutNow(
  world: TestWorld,
  workspace: TestWorkspace,
  deploymentId: string,
): Promise<void> {
  const rollOut = { deploymentId, variantId: await waitingVariant(world, deploymentId) };
  const begun = await beginRollOut(workspace.job(), rollOut);
  if (!begun.proceed) return;
  try {
    await loadVersion(workspace.job(), rollOut);
    await advanceRollOut(workspace.job(), rollOut);
  } catch (error) {
    await failRollOut(workspace.job(), rollOut, (error as Error).message);
  }
}

export interface Deployed {
  deploymentId: string;
  rollOutId: string;
  modelId: string;
  modelName: string;
  versionId: string;
}

/** A model with one version, deployed and answering. */
export async function deployModel(
  world: TestWorld,
  workspace: TestWorkspace,
  name: string,
  model: TestModel = slopeModel(1),
  environment: "development" | "staging" | "production" = "production",
): Promise<Deployed> {
  const ctx = workspace.as("admin");
  const registered = await makeModel(ctx);
  const versionId = await addVersion(ctx, registered.id, model);
  const { deploymentId, rollOutId } = await deployVersion(ctx, {
    model: registered.id,
    versionId,
    name,
    environment,
  });
  await rollOutNow(world, workspace, deploymentId);
  return {
    deploymentId,
    rollOutId: rollOutId ?? "",
    modelId: registered.id,
    modelName: registered.name,
    versionId,
  };
}
