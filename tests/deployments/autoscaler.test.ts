import { type ChildProcess, fork } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  deployVersion,
  getDeployment,
  getDeploymentScaling,
  listDeploymentEvents,
  type NodePool,
  updateDeploymentSettings,
} from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import type { RunningNode } from "@/server/node/start-node";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  openPool,
  rollOutNow,
  slopeModel,
  startWorldNode,
} from "./support/deployed-world";

const PATIENCE_MS = 120_000;
const TEST_MS = 300_000;

let world: DeployedWorld;
let further: RunningNode[];
let nodes: NodePool;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  further = await Promise.all([1, 2].map(() => startWorldNode(world.artifactsFolder)));
  nodes = openPool(nodeUrls(), world.objects);
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  server = await startPredictionServer(world, nodes);
});
afterAll(async () => {
  await server.close();
  await nodes.close();
  await Promise.all(further.map((one) => one.close()));
  await world.close();
});

const nodeUrls = () => [world.node, ...further].map(({ url }) => url);

const workers: ChildProcess[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill("SIGKILL");
});

async function startWorker(): Promise<ChildProcess> {
  const worker = fork(
    "tests/deployments/support/scaling-process.ts",
    [world.db.url, world.artifactsFolder, nodeUrls().join(",")],
    { execArgv: ["--import", "tsx"] },
  );
  workers.push(worker);
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("exit", reject);
  });
  return worker;
}

async function automatic(name: string, scaling: object): Promise<Deployed> {
  const made = await deployModel(world, workspace, name);
  await followLoad(name, scaling);
  return made;
}

const followLoad = (deployment: string, scaling: object) =>
  updateDeploymentSettings(workspace.as("admin"), {
    deployment,
    scaling: { isEnabled: true, ...scaling },
  });

/** As a gateway with this load would write it. */
const noteLoad = (made: Deployed, concurrency: number, writer = newId()) =>
  world.db.pool.query("select note_deployment_loads($1, $2)", [
    writer,
    JSON.stringify([
      {
        workspaceId: workspace.id,
        deploymentId: made.deploymentId,
        seconds: 2,
        concurrency,
        requests: concurrency,
        ready: 1,
      },
    ]),
  ]);

const read = (deployment: string) => getDeployment(workspace.as("viewer"), { deployment });
const hasReplicas = (name: string, replicas: number) =>
  until(async () => (await read(name)).replicas === replicas, PATIENCE_MS);
const predict = (name: string) =>
  call(`${server.url}/api/v1/deployments/${name}/predict`, key, { input: { a: 2, b: 1 } });

const loadedOn = async ({ versionId }: Deployed): Promise<number> => {
  const states = await nodes.inspect({ workspaceId: workspace.id, versionId });
  return states.filter((one) => one.loaded).length;
};

const scaledEvents = async (deployment: string) =>
  (await listDeploymentEvents(workspace.as("viewer"), { deployment, limit: 100 })).items.filter(
    ({ kind }) => kind === "scaled",
  );

it(
  "replicas follow the load of all gateways together, up to what nodes there are, and down again",
  async () => {
    const rule = { maxReplicas: 9, target: 10, stableWindowSeconds: 6 };
    const made = await automatic("followed", rule);
    await startWorker();
    const [a, b] = [newId(), newId()];
    await until(async () => {
      // 7 are aimed at a replica: neither gateway alone needs another.
      await Promise.all([noteLoad(made, 6, a), noteLoad(made, 6, b)]);
      return (await read("followed")).replicas === 2;
    }, PATIENCE_MS);
    await until(async () => {
      await Promise.all([noteLoad(made, 6, a), noteLoad(made, 6, b)]);
      return (await loadedOn(made)) === 2;
    }, PATIENCE_MS);
    await until(async () => {
      await noteLoad(made, 500, a);
      return (await read("followed")).replicas === 3;
    }, PATIENCE_MS);
    const [newest] = await scaledEvents("followed");
    expect(newest).toMatchObject({ actorName: "Autoscaling" });
    expect(newest?.message).toMatch(
      /^Replicas: 1 became 2, then 3\. .* requests at once over 6 s, 7 aimed at a replica\. \d+ would be wanted, but there are no more nodes\.$/,
    );
    // The gateway of this test measures no load, so that the average falls by itself.
    await hasReplicas("followed", 1);
    await until(async () => (await loadedOn(made)) === 1, PATIENCE_MS);
    const asked = { deployment: "followed", rangeMinutes: 60 };
    const { series } = await getDeploymentScaling(workspace.as("viewer"), asked);
    expect(Math.max(...series.map((point) => point.wanted))).toBe(3);
    expect(Math.max(...series.map((point) => point.concurrency))).toBeGreaterThan(100);
  },
  TEST_MS,
);

it(
  "without requests the versions leave the nodes, the one a rollback brings back too, and requests bring them back",
  async () => {
    const before = await deployModel(world, workspace, "resting", slopeModel(9));
    const { deploymentId, modelId } = before;
    const versionId = await addVersion(workspace.as("admin"), modelId, slopeModel(2));
    const made = { ...before, versionId };
    const ask = { model: modelId, versionId, name: "resting", environment: "production" } as const;
    await deployVersion(workspace.as("admin"), ask);
    await rollOutNow(world, workspace, deploymentId);
    expect(await loadedOn(before)).toBe(1);
    const rule = { minReplicas: 0, scaleToZeroAfterSeconds: 5, stableWindowSeconds: 6 };
    await followLoad("resting", rule);
    await startWorker();
    await hasReplicas("resting", 0);
    await until(async () => (await loadedOn(made)) + (await loadedOn(before)) === 0, PATIENCE_MS);
    expect((await predict("resting")).status).toBe(200);
    expect((await read("resting")).replicas).toBe(1);
    await hasReplicas("resting", 0);
    const messages = (await scaledEvents("resting")).map(({ message }) => message);
    expect(messages).toEqual([
      expect.stringMatching(/^Idle: the versions leave the nodes\. No request for \d+ s\.$/),
      "Replicas: 0 became 1. A request woke it.",
      expect.stringMatching(/^Idle: /),
    ]);
  },
  TEST_MS,
);

it(
  "of two workers one decides, and the other goes on when that is killed, in a panic too",
  async () => {
    const made = await automatic("survives", { maxReplicas: 9, stableWindowSeconds: 60 });
    const first = await startWorker();
    await startWorker();
    await until(async () => {
      await noteLoad(made, 300);
      return (await read("survives")).replicas === 3;
    }, PATIENCE_MS);
    expect(await scaledEvents("survives")).toHaveLength(1);
    first.kill("SIGKILL");
    await asOwner(world.db.ownerUrl, "delete from deployment_scale_points");
    // Whoever decides now knows of the panic, in which replicas are never given up.
    await until(async () => {
      const asked = { deployment: "survives", rangeMinutes: 60 };
      const { series } = await getDeploymentScaling(workspace.as("viewer"), asked);
      return series.some((point) => point.wanted === 3);
    }, PATIENCE_MS);
    expect(await scaledEvents("survives")).toHaveLength(1);
  },
  TEST_MS,
);

it(
  "a worker that is killed again and again leaves one whole scale, and no request fails",
  async () => {
    const rule = { minReplicas: 0, scaleToZeroAfterSeconds: 5, stableWindowSeconds: 6 };
    const made = await automatic("killed", rule);
    for (let round = 0; round < 2; round++) {
      const worker = await startWorker();
      await hasReplicas("killed", 0);
      // In the middle of what follows from its decision.
      worker.kill("SIGKILL");
      const { table } = server.gateway;
      await until(
        () => table.deployment(workspace.id, "killed")?.variants.every((one) => one.replicas === 0),
        PATIENCE_MS,
      );
      const replies = await Promise.all(Array.from({ length: 10 }, () => predict("killed")));
      expect(replies.map((reply) => reply.status)).toEqual(replies.map(() => 200));
    }
    const rows = await asOwner<{ scaled: number }>(
      world.db.ownerUrl,
      "select scaled_replicas as scaled from deployments where id = $1",
      [made.deploymentId],
    );
    expect(rows[0]?.scaled).toBe(1);
    const kinds = (await scaledEvents("killed")).map(({ message }) => message.split(":")[0]);
    // Idle and awake take turns: nothing was done twice.
    for (let at = 1; at < kinds.length; at++) expect(kinds[at]).not.toBe(kinds[at - 1]);
  },
  TEST_MS,
);
