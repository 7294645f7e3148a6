import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  deleteDeployment,
  deployVersion,
  getDeployment,
  listDeploymentEvents,
} from "@/server/deployments";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  makeModel,
  slopeModel,
  type TestModel,
} from "./support/deployed-world";

const PATIENCE_MS = 120_000;

let world: DeployedWorld;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
});
afterAll(() => world.close());

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

/** Asks for one more version of `name`; answers the ids. */
async function ask(modelId: string, name: string, model: TestModel) {
  const ctx = workspace.as("admin");
  const versionId = await addVersion(ctx, modelId, model);
  const { deploymentId } = await deployVersion(ctx, {
    model: modelId,
    versionId,
    name,
    environment: "production",
  });
  return { deploymentId, versionId };
}

async function waitFor(deployment: string, check: (status: string, version: number) => boolean) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await getDeployment(workspace.as("viewer"), { deployment });
    if (check(found.status, found.activeVersion?.versionNumber ?? 0)) return found;
    if (Date.now() > end) throw new Error(`timed out: ${found.status} ${found.error}`);
    await sleep(50);
  }
}

/** Weights of the active variants, straight from the table. */
async function activeWeight(deploymentId: string): Promise<number> {
  const [row] = await asOwner<{ weight: number }>(
    world.db.ownerUrl,
    `select coalesce(sum(weight), 0)::int as weight from deployment_variants
     where deployment_id = $1 and status = 'active'`,
    [deploymentId],
  );
  return row?.weight ?? -1;
}

it("brings an asked-for version into service, fails what cannot be, and unloads what was deleted", async () => {
  await startWorker();
  const model = await makeModel(workspace.as("admin"));
  const first = await ask(model.id, "served", slopeModel(1));
  await waitFor("served", (status) => status === "active");
  await ask(model.id, "served", { ...slopeModel(2), onnx: Buffer.from("broken") });
  const errorOf = async () =>
    (await getDeployment(workspace.as("viewer"), { deployment: "served" })).error;
  await expect.poll(errorOf, { timeout: PATIENCE_MS }).toContain("Version 2");
  expect(await getDeployment(workspace.as("viewer"), { deployment: "served" })).toMatchObject({
    status: "active",
    activeVersion: { versionNumber: 1 },
  });
  const doomed = await ask(model.id, "doomed", { ...slopeModel(3), onnx: Buffer.from("broken") });
  await waitFor("doomed", (status) => status === "failed");
  expect(await activeWeight(doomed.deploymentId)).toBe(0);
  await deleteDeployment(workspace.as("admin"), { deployment: "served" });
  const isLoaded = async () => {
    const ref = { workspaceId: workspace.id, versionId: first.versionId };
    return (await world.nodes.inspect(ref))[0]?.loaded;
  };
  await expect.poll(isLoaded, { timeout: PATIENCE_MS }).toBe(false);
}, 600_000);

it("kill -9 of the worker at any moment leaves one traffic table, and the roll-out is completed", async () => {
  const model = await makeModel(workspace.as("admin"));
  await startWorker();
  const { deploymentId } = await ask(model.id, "struck", slopeModel(1));
  await waitFor("struck", (status) => status === "active");
  for (const [round, delayMs] of [0, 25, 60, 120].entries()) {
    const worker = workers.at(-1);
    await ask(model.id, "struck", slopeModel(round + 2));
    await sleep(delayMs);
    worker?.kill("SIGKILL");
    expect(await activeWeight(deploymentId)).toBe(100);
    await startWorker();
    await waitFor("struck", (status, version) => status === "active" && version === round + 2);
    expect(await activeWeight(deploymentId)).toBe(100);
  }
  const timeline = await listDeploymentEvents(workspace.as("viewer"), {
    deployment: "struck",
    limit: 100,
  });
  const count = (kind: string) => timeline.items.filter((one) => one.kind === kind).length;
  expect([count("requested"), count("loading"), count("activated"), count("failed")]).toEqual([
    5, 5, 5, 0,
  ]);
}, 600_000);
