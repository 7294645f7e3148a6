import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import {
  abortRollOut,
  advanceRollOut,
  deployVersion,
  getDeployment,
  getRollOut,
  listDeploymentEvents,
  replicasOf,
} from "@/server/deployments";
import { readScalingState } from "@/server/deployments/scaling/scaling-state";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { startLoad } from "../predictions/support/load";
import {
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "./support/deployed-world";
import { later, requestNext } from "./support/rolled-out-world";

const NODES = 3;
const PLAN = { bakeSeconds: 10, analysis: { isEnabled: false } };

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
/** Model files are not given out while this is set. */
let isHeldBack = false;
beforeAll(async () => {
  world = await createDeployedWorld((read) => {
    return (...asked) => (isHeldBack ? Promise.reject(new Error("held back")) : read(...asked));
  }, NODES);
  a = await world.workspace();
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const workers: ChildProcess[] = [];
beforeEach(() => {
  a.as("admin").ports.ownsReplicas = true;
});
afterEach(() => {
  isHeldBack = false;
  for (const worker of workers.splice(0)) worker.kill("SIGKILL");
});

const look = (name: string) => getDeployment(a.as("viewer"), { deployment: name });

/** Version, percent of the traffic, replicas it should have: `v2 33% 1`. */
const shares = ({ variants, replicas }: DeploymentDetailDto): string[] =>
  variants
    .filter((one) => one.status === "active")
    .sort((one, other) => one.versionNumber - other.versionNumber)
    .map((one) => {
      const held = replicasOf(replicas, one.replicaShare);
      return `v${one.versionNumber} ${one.weight}% ${held}`;
    });

/** Nodes that hold each version of a deployment. */
async function holders(name: string): Promise<Record<string, number>> {
  const { variants } = await look(name);
  const found = variants.map(async ({ versionId, versionNumber }) => {
    const states = await world.nodes.inspect({ workspaceId: a.id, versionId });
    return [`v${versionNumber}`, states.filter((one) => one.loaded).length] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

async function deployThree(name: string) {
  const made = await deployModel(world, a, name);
  await asOwner(
    world.db.ownerUrl,
    "update deployments set min_replicas = $2, max_replicas = $2 where id = $1",
    [made.deploymentId, NODES],
  );
  await server.gateway.table.refresh();
  await until(async () => (await holders(name)).v1 === NODES);
  return made;
}

/** Nodes beyond its replicas that the backend is asked for. */
const surgeOf = async (deploymentId: string) =>
  (await readScalingState(world.db, Date.now())).find(
    ({ desired }) => desired.deploymentId === deploymentId,
  )?.desired.surge;

const loadOn = async (name: string, clients = 4) =>
  startLoad({
    url: `${server.url}/api/v1/deployments/${name}/predict`,
    key: await a.key("data_scientist"),
    clients,
    body: { input: { a: 1, b: 0 } },
  });

it("moves replica by replica: new ones before their traffic, old ones after, and no request fails", async () => {
  const made = await deployThree("steps");
  const load = await loadOn("steps");
  const { ref } = await requestNext(world, a, made, 2, { strategy: "rolling", plan: PLAN });
  expect((await holders("steps")).v2).toBe(1);
  const seen: string[][] = [];
  const surges: (number | undefined)[] = [];
  let elapsed = 0;
  for (let at = 0; at < 5; at++) {
    await advanceRollOut(later(a.job(), elapsed), ref);
    seen.push(shares(await look("steps")));
    surges.push(await surgeOf(made.deploymentId));
    elapsed += at % 2 === 0 ? 11 : 0;
  }
  expect(seen).toEqual([
    ["v1 67% 2", "v2 33% 1"],
    ["v1 67% 2", "v2 33% 2"],
    ["v1 33% 1", "v2 67% 2"],
    ["v1 33% 1", "v2 67% 3"],
    ["v2 100% 3"],
  ]);
  expect(surges).toEqual([1, 1, 1, 1, 0]);
  await until(async () => (await holders("steps")).v2 === NODES);
  const answers = await load.stop();
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
  expect(answers.filter((one) => one.body.predictions?.[0] !== one.body.modelVersion)).toEqual([]);
  const { items } = await listDeploymentEvents(a.as("viewer"), { deployment: "steps", limit: 4 });
  expect(items.map((one) => one.message)).toEqual([
    "Version 2 takes all traffic.",
    "Version 2 gets 3 of 3 replicas, then its share of the traffic.",
    "Version 2 takes 67% of the traffic, on 2 of 3 replicas.",
    "Version 2 gets 2 of 3 replicas, then its share of the traffic.",
  ]);
}, 180_000);

it("takes replicas of the old version off the nodes as it goes, and an abort puts them back first", async () => {
  const made = await deployThree("undone");
  const load = await loadOn("undone");
  const { ref, rollOutId } = await requestNext(world, a, made, 2, {
    strategy: "rolling",
    plan: PLAN,
  });
  for (const after of [0, 11, 11]) await advanceRollOut(later(a.job(), after), ref);
  expect(shares(await look("undone"))).toEqual(["v1 33% 1", "v2 67% 2"]);
  await until(async () => {
    const { v1, v2 } = await holders("undone");
    return v1 === 1 && v2 === 2;
  });
  await abortRollOut(a.as("admin"), { deployment: "undone", rollOut: rollOutId });
  expect(shares(await look("undone"))).toEqual(["v1 100% 3"]);
  expect((await holders("undone")).v1).toBe(NODES);
  const answers = await load.stop();
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
}, 180_000);

it("gives no traffic to replicas that are not there, and asks for a person in the end", async () => {
  const made = await deployThree("lacking");
  const { ref, rollOutId } = await requestNext(world, a, made, 2, {
    strategy: "rolling",
    plan: PLAN,
  });
  await advanceRollOut(a.job(), ref);
  isHeldBack = true;
  for (const after of [11, 30, 300]) await advanceRollOut(later(a.job(), after), ref);
  expect(shares(await look("lacking"))).toEqual(["v1 67% 2", "v2 33% 2"]);
  await advanceRollOut(later(a.job(), 700), ref);
  expect(
    await getRollOut(a.as("viewer"), { deployment: "lacking", rollOut: rollOutId }),
  ).toMatchObject({
    state: "paused",
    reason: expect.stringMatching(/^It is on 1 of 2 replicas after 10 minutes/),
  });
}, 180_000);

it("moves weights alone where nothing starts or ends nodes, and says so", async () => {
  a.as("admin").ports.ownsReplicas = false;
  const made = await deployThree("fixed");
  const { ref } = await requestNext(world, a, made, 2, { strategy: "rolling", plan: PLAN });
  await advanceRollOut(a.job(), ref);
  expect(shares(await look("fixed"))).toEqual(["v1 67% 3", "v2 33% 3"]);
  const { items } = await listDeploymentEvents(a.as("viewer"), { deployment: "fixed", limit: 1 });
  expect(items[0]?.message).toBe(
    "Version 2 takes 33% of the traffic. Replicas stay as they are: nothing here starts or ends nodes.",
  );
}, 120_000);

it("refuses replica settings of a strategy that moves none, and those that allow no change", async () => {
  const made = await deployModel(world, a, "checked");
  const ask = (strategy: "rolling" | "canary", replicas: object) =>
    deployVersion(a.as("admin"), {
      model: made.modelId,
      versionId: made.versionId,
      name: "checked",
      environment: "production",
      strategy,
      plan: { replicas },
    });
  await expect(ask("canary", {})).rejects.toMatchObject({ name: "ZodError" });
  await expect(ask("rolling", { maxSurge: 0, maxUnavailable: 0 })).rejects.toThrow(/replica more/);
});

async function startWorker(): Promise<ChildProcess> {
  const worker = fork(
    "tests/deployments/support/worker-process.ts",
    [world.db.url, world.artifactsFolder, world.nodeUrls.join(","), "owns"],
    { execArgv: ["--import", "tsx"] },
  );
  workers.push(worker);
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("exit", reject);
  });
  return worker;
}

/** States a worker is killed in: it gave replicas, or traffic, and nothing after that is done. */
const STRUCK_IN = ["v1 67% 2, v2 33% 2", "v1 33% 1, v2 67% 2", "v1 33% 1, v2 67% 3"];

it("kill -9 of the worker between replicas and traffic leaves one whole table of traffic and replicas", async () => {
  const made = await deployThree("struck");
  const load = await loadOn("struck", 1);
  let worker = await startWorker();
  const versionId = await addVersion(a.as("admin"), made.modelId, slopeModel(2));
  await deployVersion(a.as("admin"), {
    model: made.modelId,
    versionId,
    name: "struck",
    environment: "production",
    strategy: "rolling",
    plan: { ...PLAN, bakeSeconds: 1 },
  });
  const states = new Set<string>();
  const struckIn = new Set<string>();
  await until(async () => {
    const now = await look("struck");
    const state = shares(now).join(", ");
    states.add(state);
    const active = now.variants.filter((one) => one.status === "active");
    expect(active.reduce((sum, one) => sum + one.weight, 0)).toBe(100);
    // Never fewer replicas than a version's share of the traffic needs.
    for (const one of active) {
      const least = replicasOf(NODES, one.weight);
      expect(replicasOf(NODES, one.replicaShare)).toBeGreaterThanOrEqual(least);
    }
    if (state === "v2 100% 3") return true;
    if (STRUCK_IN.includes(state) && !struckIn.has(state)) {
      struckIn.add(state);
      worker.kill("SIGKILL");
      worker = await startWorker();
    }
    await sleep(40);
    return false;
  }, 500_000);
  const answers = await load.stop();
  expect(struckIn.size).toBeGreaterThan(0);
  expect(states.size).toBeGreaterThan(2);
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
  expect(new Set(answers.map((one) => one.body.modelVersion))).toEqual(new Set([1, 2]));
}, 600_000);
