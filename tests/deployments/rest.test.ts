import { afterAll, beforeAll, expect, it } from "vitest";
import {
  call,
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  makeModel,
  rollOutNow,
  slopeModel,
} from "./support/deployed-world";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("ml_engineer");
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const api = (path: string, body?: unknown, init?: RequestInit) =>
  call(`${server.url}/api/v1${path}`, key, body, init);

it("deploys, replaces, rolls back, reports and deletes over REST", async () => {
  const ctx = workspace.as("admin");
  const model = await makeModel(ctx, "over rest");
  const deploy = async (slope: number) => {
    const versionId = await addVersion(ctx, model.id, slopeModel(slope));
    const reply = await api("/models/over%20rest/deploy", {
      versionId,
      name: "rest",
      environment: "production",
    });
    expect([reply.status, Object.keys(reply.body)]).toEqual([202, ["deploymentId", "rollOutId"]]);
    await rollOutNow(world, workspace, String(reply.body.deploymentId));
    return String(reply.body.deploymentId);
  };
  const id = await deploy(1);
  expect(await deploy(2)).toBe(id);
  const detail = await api(`/deployments/${id}`);
  expect(detail.body).toMatchObject({
    name: "rest",
    status: "active",
    activeVersion: { versionNumber: 2 },
    variants: [{ versionNumber: 2 }, { versionNumber: 1 }],
  });
  const back = await api("/deployments/rest/rollback", {});
  expect(back.body).toMatchObject({ status: "rolled_back", activeVersion: { versionNumber: 1 } });
  expect((await api("/deployments/rest/predict", { input: { a: 1, b: 1 } })).status).toBe(200);
  expect((await api("/deployments/rest/health")).body).toMatchObject({ health: "healthy" });
  await server.gateway.logs.flush();
  expect((await api("/deployments/rest/metrics?rangeMinutes=5")).body).toMatchObject({
    requests: 1,
  });
  expect((await api("/deployments/rest/predictions?limit=1")).body.items).toHaveLength(1);
  const events = await api("/deployments/rest/events?limit=2");
  expect(events.body.items).toMatchObject([{ kind: "rolled_back" }, { kind: "activated" }]);
  expect(events.body.nextCursor).toEqual(expect.any(String));
  const listed = await api("/deployments?environment=production&status=rolled_back");
  expect(listed.body.items).toMatchObject([{ id, name: "rest" }]);
  expect((await api("/deployments/rest", undefined, { method: "DELETE" })).status).toBe(204);
  for (const path of ["", "/health", "/events", "/metrics", "/predictions"]) {
    expect((await api(`/deployments/${id}${path}`)).status, path).toBe(404);
  }
  const gone = await api("/deployments?status=inactive");
  expect(gone.body.items).toMatchObject([{ id, deletedAt: expect.any(String) }]);
});

it("answers wrong requests with a problem that names the member", async () => {
  const model = await makeModel(workspace.as("admin"));
  const bad = await api(`/models/${model.id}/deploy`, { name: "x y", environment: "moon" });
  expect(bad.status).toBe(422);
  const paths = (bad.body.issues as { path: string }[]).map((issue) => issue.path);
  expect(paths.sort()).toEqual(["environment", "name", "versionId"]);
  const unknown = await api(`/models/${model.id}/deploy`, {
    versionId: model.id,
    name: "x",
    environment: "staging",
  });
  expect(unknown.status).toBe(404);
  expect((await api("/deployments?limit=1000")).status).toBe(422);
  expect((await api("/deployments?cursor=x")).status).toBe(400);
  expect((await api("/deployments/nobody/rollback", {})).status).toBe(404);
  expect((await api("/deployments/nobody/metrics?rangeMinutes=0")).status).toBe(422);
});
