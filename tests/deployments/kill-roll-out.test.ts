import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  abortRollOut,
  deployVersion,
  getDeployment,
  pauseRollOut,
  promoteRollOut,
  resumeRollOut,
} from "@/server/deployments";
import type { PlanInput } from "@/server/deployments/roll-outs/plan";
import { startLoad } from "../predictions/support/load";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "./support/deployed-world";

const PATIENCE_MS = 120_000;

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const workers: ChildProcess[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill("SIGKILL");
});

async function startWorker(): Promise<ChildProcess> {
  const worker = fork(
    "tests/deployments/support/worker-process.ts",
    [world.db.url, world.artifactsFolder, world.node.url],
    { execArgv: ["--import", "tsx"] },
  );
  workers.push(worker);
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("exit", reject);
  });
  return worker;
}

const loadOn = async (name: string) =>
  startLoad({
    url: `${server.url}/api/v1/deployments/${name}/predict`,
    key: await workspace.key("data_scientist"),
    clients: 4,
    body: { input: { a: 1, b: 0 } },
  });

/** Reads the traffic table again and again; every committed state of it adds up to 100. */
function watchTraffic(deploymentId: string) {
  const sums = new Set<number>();
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const [row] = await asOwner<{ weight: number }>(
        world.db.ownerUrl,
        `select coalesce(sum(weight), 0)::int as weight from deployment_variants
         where deployment_id = $1 and status = 'active'`,
        [deploymentId],
      );
      sums.add(row?.weight ?? -1);
      await sleep(15);
    }
  })();
  return async () => {
    stopped = true;
    await running;
    return [...sums];
  };
}

async function ask(
  made: Deployed,
  name: string,
  slope: number,
  strategy: "canary" | "blue_green" | "rolling" | "shadow",
  plan: PlanInput,
): Promise<string> {
  const ctx = workspace.as("admin");
  const { rollOutId } = await deployVersion(ctx, {
    model: made.modelId,
    versionId: await addVersion(ctx, made.modelId, slopeModel(slope)),
    name,
    environment: "production",
    strategy,
    plan,
  });
  return rollOutId ?? "";
}

async function waitFor(
  name: string,
  check: (found: Awaited<ReturnType<typeof getDeployment>>) => boolean,
) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await getDeployment(workspace.as("viewer"), { deployment: name });
    if (check(found)) return found;
    if (Date.now() > end) throw new Error(`timed out: ${JSON.stringify(found.rollOut)}`);
    await sleep(40);
  }
}

const step = (index: number) => (found: Awaited<ReturnType<typeof getDeployment>>) =>
  found.rollOut?.step === index;
const serves = (version: number) => (found: Awaited<ReturnType<typeof getDeployment>>) =>
  found.status === "active" && found.activeVersion?.versionNumber === version;

it("kill -9 of the worker in each step of a canary fails no request, and the roll-out is completed", async () => {
  const made = await deployModel(world, workspace, "struck");
  const load = await loadOn("struck");
  const sums = watchTraffic(made.deploymentId);
  let worker = await startWorker();
  await ask(made, "struck", 2, "canary", {
    steps: [20, 50, 80].map((weight) => ({ weight, bakeSeconds: 1 })),
    analysis: { isEnabled: false },
  });
  for (const index of [0, 1, 2]) {
    await waitFor("struck", (found) => step(index)(found) || serves(2)(found));
    worker.kill("SIGKILL");
    worker = await startWorker();
  }
  const after = await waitFor("struck", serves(2));
  expect(after.rollOut).toBeNull();
  const answers = await load.stop();
  expect(await sums()).toEqual([100]);
  expect(answers.length).toBeGreaterThan(50);
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
  expect(answers.filter((one) => one.body.predictions?.[0] !== one.body.modelVersion)).toEqual([]);
  expect(new Set(answers.map((one) => one.body.modelVersion))).toEqual(new Set([1, 2]));
}, 400_000);

it("follows people at once: pause, resume, promote, abort and undo, without a failed request", async () => {
  const made = await deployModel(world, workspace, "handled");
  const load = await loadOn("handled");
  await startWorker();
  const ctx = workspace.as("admin");
  const hours = { steps: [{ weight: 30, bakeSeconds: 36_000 }], analysis: { isEnabled: false } };
  const rollOut = await ask(made, "handled", 2, "canary", hours);
  const input = { deployment: "handled", rollOut };
  await waitFor("handled", step(0));
  await pauseRollOut(ctx, input);
  await resumeRollOut(ctx, input);
  await abortRollOut(ctx, input);
  await waitFor("handled", serves(1));
  await resumeRollOut(ctx, input);
  await waitFor("handled", step(0));
  await promoteRollOut(ctx, input);
  await waitFor("handled", serves(2));
  const bluegreen = { bakeSeconds: 1, analysis: { isEnabled: false } };
  await ask(made, "handled", 3, "blue_green", bluegreen);
  await waitFor("handled", serves(3));
  const answers = await load.stop();
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
  expect(answers.filter((one) => one.body.predictions?.[0] !== one.body.modelVersion)).toEqual([]);
}, 400_000);
