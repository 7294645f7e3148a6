import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import { updateModel } from "@/server/registry";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  slopeModel,
} from "../deployments/support/deployed-world";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const body = { input: { a: 1, b: 0 } };
const ask = (path: string) => call(`${server.url}/api/v1/${path}/predict`, key, body);

it("answers for a deployment the moment it is active, and for a new name of its model", async () => {
  const made = await deployModel(world, workspace, "fresh");
  expect((await ask("deployments/fresh")).status).toBe(200);
  await updateModel(workspace.as("admin"), { model: made.modelId, name: "renamed" });
  expect((await ask("models/renamed")).body.deploymentId).toBe(made.deploymentId);
});

it("follows changes again after its listening connection was cut", async () => {
  const made = await deployModel(world, workspace, "followed");
  expect((await ask("deployments/followed")).body.modelVersion).toBe(1);
  const cut = await asOwner(
    world.db.ownerUrl,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`,
  );
  expect(cut.length).toBeGreaterThan(0);
  const versionId = await addVersion(workspace.as("admin"), made.modelId, slopeModel(5));
  await deployVersion(workspace.as("admin"), {
    model: made.modelId,
    versionId,
    name: "followed",
    environment: "production",
  });
  await rollOutNow(world, workspace, made.deploymentId);
  const reply = await until(async () => {
    const next = await ask("deployments/followed");
    return next.body.modelVersion === 2 && next;
  });
  expect(reply.body.predictions).toEqual([5]);
});

it("stops answering for a revoked key within a second", async () => {
  await deployModel(world, workspace, "guarded");
  const doomed = await workspace.key("operator");
  const url = `${server.url}/api/v1/deployments/guarded/predict`;
  expect((await call(url, doomed, body)).status).toBe(200);
  const revokedMs = Date.now();
  await asOwner(world.db.ownerUrl, "update api_keys set revoked_at = now() where public_id = $1", [
    doomed.split("_")[1],
  ]);
  await until(async () => (await call(url, doomed, body)).status === 401);
  expect(Date.now() - revokedMs).toBeLessThan(10_000);
});

it("answers 200 or 503, never 500, while the database is away, and recovers", async () => {
  await deployModel(world, workspace, "steady");
  expect((await ask("deployments/steady")).status).toBe(200);
  const connect = server.runtime.db.pool.connect;
  const query = server.runtime.db.pool.query;
  const away = () => Promise.reject(Object.assign(new Error("away"), { code: "ECONNREFUSED" }));
  server.runtime.db.pool.connect = away as typeof connect;
  server.runtime.db.pool.query = away as typeof query;
  try {
    const statuses = new Set<number>();
    for (let i = 0; i < 20; i++) statuses.add((await ask("deployments/steady")).status);
    expect([...statuses].every((status) => status === 200 || status === 503)).toBe(true);
    expect((await call(`${server.url}/v2/health/live`, undefined)).status).toBe(200);
  } finally {
    server.runtime.db.pool.connect = connect;
    server.runtime.db.pool.query = query;
  }
  await until(async () => (await ask("deployments/steady")).status === 200);
});
