import { afterAll, beforeAll, expect, it } from "vitest";
import { listAudit } from "@/server/audit";
import {
  deployVersion,
  getDeployment,
  getDeploymentScaling,
  listDeploymentEvents,
  scaleDeployment,
  updateDeploymentSettings,
  wakeDeployment,
} from "@/server/deployments";
import { scaleByLoad } from "@/server/deployments/scaling/scale-by-load";
import { call } from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import type { TestWorkspace } from "../support/workspace";
import { createDeployedWorld, type DeployedWorld, deployModel } from "./support/deployed-world";

let world: DeployedWorld;
let server: TestServer;
let workspace: TestWorkspace;
let other: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  other = await world.workspace();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const automatic = (deployment: string, scaling: object = {}) =>
  updateDeploymentSettings(workspace.as("ml_engineer"), {
    deployment,
    scaling: { isEnabled: true, ...scaling },
  });
const read = (deployment: string) => getDeployment(workspace.as("viewer"), { deployment });
const step = (deploymentId: string, from: number, replicas: number, reason = "So measured.") =>
  scaleByLoad(workspace.job(), { deploymentId, from, replicas, reason });
const timeline = async (deployment: string) =>
  (await listDeploymentEvents(workspace.as("viewer"), { deployment, limit: 50 })).items;

it("bounds hold as soon as they are set, and what scales no more keeps what it has", async () => {
  await deployModel(world, workspace, "bounds");
  await automatic("bounds", { minReplicas: 2, maxReplicas: 5 });
  const on = { isAutoscaled: true, replicas: 2, minReplicas: 2, maxReplicas: 5 };
  expect(await read("bounds")).toMatchObject(on);
  const admin = workspace.as("admin");
  await updateDeploymentSettings(admin, { deployment: "bounds", scaling: null });
  const off = { isAutoscaled: false, replicas: 2, minReplicas: 2, maxReplicas: 2 };
  expect(await read("bounds")).toMatchObject(off);
});

it("bounds that contradict each other are refused by name", async () => {
  await deployModel(world, workspace, "wrong");
  const key = await workspace.key("ml_engineer");
  const url = `${server.url}/api/v1/deployments/wrong/settings`;
  for (const [scaling, path] of [
    [{ minReplicas: 5, maxReplicas: 2 }, "scaling.maxReplicas"],
    [{ minReplicas: -1 }, "scaling.minReplicas"],
    [{ target: 0 }, "scaling.target"],
    [{ metric: "guess" }, "scaling.metric"],
    [{ stableWindowSeconds: 1e9 }, "scaling.stableWindowSeconds"],
  ] as const) {
    const reply = await call(url, key, { scaling }, { method: "PATCH" });
    expect(reply.status).toBe(422);
    expect(reply.body.issues).toMatchObject([{ path }]);
  }
});

it("scaling by hand ends scaling by itself, and says so", async () => {
  const { deploymentId } = await deployModel(world, workspace, "by-hand");
  await automatic("by-hand");
  await step(deploymentId, 1, 3);
  const admin = workspace.as("admin");
  const scaled = await scaleDeployment(admin, { deployment: "by-hand", replicas: 2 });
  expect(scaled).toMatchObject({ isAutoscaled: false, replicas: 2, minReplicas: 2 });
  const [newest] = await timeline("by-hand");
  expect(newest).toMatchObject({
    kind: "scaled",
    actorName: admin.actor.type === "user" ? admin.actor.name : "",
    message: "Replicas: 3 became 2, by hand: it scales by itself no more.",
  });
  // What was decided before does not come back.
  expect(await step(deploymentId, 3, 4)).toBe(false);
  expect(await read("by-hand")).toMatchObject({ isAutoscaled: false, replicas: 2 });
});

it("steps that follow soon are one line of the timeline, and each one is audited", async () => {
  const { deploymentId } = await deployModel(world, workspace, "series");
  await automatic("series", { minReplicas: 0, maxReplicas: 9 });
  await step(deploymentId, 1, 3, "20 requests at once.");
  await step(deploymentId, 3, 6, "40 requests at once.");
  await step(deploymentId, 6, 4, "25 requests at once.");
  const scaled = async () => (await timeline("series")).filter(({ kind }) => kind === "scaled");
  expect(await scaled()).toMatchObject([
    { message: "Replicas: 1 became 3, then 6, then 4. 25 requests at once.", actorName: "test" },
  ]);
  await step(deploymentId, 4, 0, "No request for 300 s.");
  await wakeDeployment(workspace.job(), { deploymentId });
  expect((await scaled()).map(({ message }) => message)).toEqual([
    "Replicas: 0 became 1. A request woke it.",
    "Idle: the versions leave the nodes. No request for 300 s.",
    "Replicas: 1 became 3, then 6, then 4. 25 requests at once.",
  ]);
  const audited = await listAudit(workspace.as("admin"), { limit: 50, subjectId: deploymentId });
  expect(audited.items.filter((one) => one.action === "deployment.scaled")).toHaveLength(5);
});

it("a step that was decided from what is no longer so changes nothing", async () => {
  const { deploymentId } = await deployModel(world, workspace, "stale");
  await automatic("stale");
  expect(await step(deploymentId, 2, 5)).toBe(false);
  expect(await read("stale")).toMatchObject({ replicas: 1 });
});

it("waking twice wakes once; another workspace's deployment is not found; viewers may not", async () => {
  const { deploymentId } = await deployModel(world, workspace, "waking");
  await automatic("waking", { minReplicas: 0 });
  await step(deploymentId, 1, 0);
  await Promise.all([1, 2, 3].map(() => wakeDeployment(workspace.job(), { deploymentId })));
  const scaled = (await timeline("waking")).filter(({ message }) => /woke/.test(message));
  expect(scaled).toHaveLength(1);
  const wake = (ctx: TestWorkspace["as"] extends (...of: never[]) => infer C ? C : never) =>
    wakeDeployment(ctx, { deploymentId });
  await expect(wake(other.job())).rejects.toMatchObject({ code: "not_found" });
  await expect(wake(workspace.as("viewer"))).rejects.toMatchObject({ code: "forbidden" });
  const byViewer = { deploymentId, from: 1, replicas: 2, reason: "" };
  await expect(scaleByLoad(workspace.as("viewer"), byViewer)).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(
    getDeploymentScaling(other.as("admin"), { deployment: deploymentId }),
  ).rejects.toMatchObject({ code: "not_found" });
});

it("a roll-out leaves the bounds of what scales by itself", async () => {
  const made = await deployModel(world, workspace, "deployed");
  await automatic("deployed", { minReplicas: 0, maxReplicas: 3 });
  await step(made.deploymentId, 1, 0);
  await deployVersion(workspace.as("admin"), {
    model: made.modelId,
    versionId: made.versionId,
    name: "deployed",
    environment: "production",
    minReplicas: 2,
    maxReplicas: 2,
  });
  expect(await read("deployed")).toMatchObject({
    isAutoscaled: true,
    minReplicas: 0,
    maxReplicas: 3,
  });
});

it("the series is in slots, oldest first, of the range asked for", async () => {
  const { deploymentId } = await deployModel(world, workspace, "charted");
  await automatic("charted", { metric: "rps", target: 50 });
  await asOwner(
    world.db.ownerUrl,
    `insert into deployment_scale_points
     select workspace_id, id, date_bin('10 seconds', now(), 'epoch') - make_interval(mins => m), m, 1, m / 2.0, m * 10
     from deployments, generate_series(0, 100, 20) as m where id = $1`,
    [deploymentId],
  );
  const ask = (rangeMinutes: number) =>
    getDeploymentScaling(workspace.as("viewer"), { deployment: "charted", rangeMinutes });
  const hour = await ask(50);
  expect(hour).toMatchObject({ isAutoscaled: true, metric: "rps", target: 50, bucketSeconds: 10 });
  expect(hour.series.map((point) => point.wanted)).toEqual([40, 20, 0]);
  expect(hour.series[0]).toMatchObject({ ready: 1, concurrency: 20, requestsPerSecond: 400 });
  expect((await ask(1_440)).bucketSeconds).toBe(240);
});
