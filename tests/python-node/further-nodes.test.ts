import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion, getDeployment, updateDeploymentSettings } from "@/server/deployments";
import { NODE_GROUP_LABEL } from "@/server/deployments/constants";
import { Autoscaler } from "@/server/deployments/scaling/autoscaler";
import { createLocalBackend } from "@/server/deployments/scaling/local-backend";
import { newId } from "@/server/kernel/ids";
import type { FurtherNodes } from "@/server/supervisor/further-nodes";
import { furtherPythonNodes, pythonNode } from "@/server/supervisor/python-node";
import type { SupervisedProcess } from "@/server/supervisor/role-process";
import {
  addVersion,
  makeModel,
  rollOutNow,
  silent,
  slopeModel,
} from "../deployments/support/deployed-world";
import { startLoad } from "../predictions/support/load";
import { call, until } from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import { NODE_DEADLINE_MS, NODE_TOKEN, skipPython } from "./support/python-node";
import { createPythonWorld, type PythonWorld } from "./support/python-world";

const run = promisify(execFile);
/** The environment of the trainers: it reads boosters, and has no PyTorch to import. */
const PYTHON = resolve(
  process.env.MODELYARD_TEST_PYTHON ?? "node_modules/.cache/modelyard/python/bin/python",
);
const GROUP = "group-of-the-test";
const NAME = "boosted";
const body = { input: { a: 2, b: 1 } };

/** A booster in XGBoost's own JSON; prints what it answers to a = 2, b = 1. */
const MAKE = `
import sys, numpy, xgboost
rows = numpy.random.default_rng(1).normal(size=(200, 2))
data = xgboost.DMatrix(rows, label=rows[:, 0] * 3 + rows[:, 1])
model = xgboost.train({"max_depth": 3, "nthread": 1}, data, 5)
model.save_model(sys.argv[1])
print(float(model.predict(xgboost.DMatrix(numpy.array([[2.0, 1.0]])))[0]))
`;

let world: PythonWorld;
let workspace: TestWorkspace;
let key: string;
let folder: string;
let first: SupervisedProcess | undefined;
let further: FurtherNodes | undefined;
let scaling: Autoscaler | undefined;
let deploymentId: string;
let versionId: string;
let expected: number;

beforeAll(async () => {
  world = await createPythonWorld();
  workspace = await world.workspace();
  key = await workspace.key("admin");
  folder = await mkdtemp(join(tmpdir(), "modelyard-further-"));
  if (skipPython) return;
  const nodes = {
    environment: dirname(dirname(PYTHON)),
    gateway: world.server.url,
    token: NODE_TOKEN,
    group: GROUP,
    log: silent,
  };
  first = pythonNode(nodes);
  further = furtherPythonNodes(nodes, 1);
  await first.start();
  const file = join(folder, "model.json");
  const { stdout } = await run(PYTHON, ["-c", MAKE, file], { timeout: NODE_DEADLINE_MS });
  expected = Number(stdout);
  await until(() => world.pool.fits({ format: "xgboost" }), NODE_DEADLINE_MS);
  const ctx = workspace.as("admin");
  const { id: model } = await makeModel(ctx);
  const { signature } = slopeModel(1);
  versionId = await addVersion(
    ctx,
    model,
    { onnx: await readFile(file), signature },
    "model.xgboost",
  );
  const asked = { model, versionId, name: NAME, environment: "production" } as const;
  ({ deploymentId } = await deployVersion(ctx, asked));
  await rollOutNow(world, workspace, deploymentId);
  await updateDeploymentSettings(ctx, {
    deployment: NAME,
    scaling: {
      isEnabled: true,
      minReplicas: 0,
      maxReplicas: 5,
      target: 10,
      stableWindowSeconds: 6,
      scaleToZeroAfterSeconds: 5,
      // A busy machine reads XGBoost for long.
      holdSeconds: 240,
    },
  });
  scaling = new Autoscaler({
    db: world.db,
    jobContext: () => workspace.job(),
    backend: createLocalBackend({
      db: world.db,
      pool: world.pool,
      nodesMax: 2,
      hasPython: true,
      group: GROUP,
      sparedMs: 0,
      send: (message) => further?.hear(message),
    }),
    log: silent,
    lookMs: 200,
  });
}, NODE_DEADLINE_MS);
afterAll(async () => {
  await scaling?.stop();
  await further?.stop(10_000);
  await first?.stop(10_000);
  await world.close();
  await rm(folder, { recursive: true, force: true });
}, NODE_DEADLINE_MS);

const url = () => `${world.server.url}/api/v1/deployments/${NAME}/predict`;
const replicas = async () =>
  (await getDeployment(workspace.as("viewer"), { deployment: NAME })).replicas;
const loadedOn = async (): Promise<number> => {
  const states = await world.pool.inspect({ workspaceId: workspace.id, versionId });
  return states.filter((one) => one.loaded).length;
};
const ends = (address: string): Promise<boolean> =>
  fetch(`${address}/v2/health/live`).then(
    () => false,
    () => true,
  );
const second = () => world.pool.members.find(({ labels }) => labels[NODE_GROUP_LABEL] === GROUP);

/** As another gateway with this load would write it. */
const noteLoad = (writer: string) =>
  world.db.pool.query("select note_deployment_loads($1, $2)", [
    writer,
    JSON.stringify([
      {
        workspaceId: workspace.id,
        deploymentId,
        seconds: 2,
        concurrency: 100,
        requests: 100,
        ready: 1,
      },
    ]),
  ]);

it.skipIf(skipPython)(
  "load brings a second Python node, which is emptied before it ends; no request fails",
  async () => {
    const load = startLoad({ url: url(), key, clients: 2, body });
    scaling?.start();
    const writer = newId();
    const rush = setInterval(() => void noteLoad(writer).catch(() => undefined), 500);
    try {
      await until(async () => (await loadedOn()) === 2, NODE_DEADLINE_MS);
      // As many as this machine may run, though more would be wanted.
      expect(await replicas()).toBe(2);
    } finally {
      clearInterval(rush);
    }
    const address = second()?.url ?? "";
    expect(address).toMatch(/^http:/);
    await until(() => second() === undefined, NODE_DEADLINE_MS);
    // It says goodbye before it ends.
    await until(() => ends(address), NODE_DEADLINE_MS);
    expect(await replicas()).toBe(1);
    const answers = await load.stop();
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    for (const answer of answers) expect(answer.body.predictions?.[0]).toBeCloseTo(expected, 4);
  },
  2 * NODE_DEADLINE_MS,
);

it.skipIf(skipPython)(
  "without requests a native model leaves the Python node, and a request brings it back",
  async () => {
    await until(async () => (await replicas()) === 0, NODE_DEADLINE_MS);
    await until(async () => (await loadedOn()) === 0, NODE_DEADLINE_MS);
    const reply = await call(url(), key, body);
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    expect(Number((reply.body.predictions as number[])[0])).toBeCloseTo(expected, 4);
  },
  2 * NODE_DEADLINE_MS,
);
