import { afterAll, beforeAll, expect, it } from "vitest";
import { listAudit } from "@/server/audit";
import { getDeploymentSettings, updateDeploymentSettings } from "@/server/deployments";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { createDeployedWorld, type DeployedWorld, deployModel } from "./support/deployed-world";

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

const patch = (name: string, body: unknown, as = key) =>
  call(`${server.url}/api/v1/deployments/${name}/settings`, as, body, { method: "PATCH" });

it("changes what it names, keeps the rest, and tells who changed what", async () => {
  const { deploymentId } = await deployModel(world, workspace, "tuned");
  const first = await patch("tuned", { routing: { cache: { isEnabled: true }, retries: 0 } });
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    settings: { routing: { retries: 0, cache: { isEnabled: true, ttlSeconds: 60 } } },
    variants: [{ name: "v1", batching: null }],
  });
  const second = await patch("tuned", {
    routing: { retries: null },
    variants: { v1: { batching: { maxBatchSize: 8 } } },
  });
  expect(second.body).toMatchObject({
    settings: { routing: { retries: 1, cache: { isEnabled: true } } },
    variants: [{ batching: { maxBatchSize: 8, mode: "auto" } }],
  });
  const admin = workspace.as("admin");
  const audited = await listAudit(admin, { limit: 10, subjectId: deploymentId });
  const audits = audited.items.filter((one) => one.action === "deployment.settings_changed");
  expect(audits).toHaveLength(2);
  expect(audits[1]).toMatchObject({
    before: { settings: { routing: { retries: 1 } } },
    after: { settings: { routing: { retries: 0 } } },
  });
  const events = await call(`${server.url}/api/v1/deployments/tuned/events?limit=2`, key);
  expect(events.body.items).toMatchObject([
    {
      kind: "settings_changed",
      message: "Settings were changed: routing.retries, v1.batching.",
    },
    { message: "Settings were changed: routing.retries, routing.cache." },
  ]);
  await patch("tuned", { variants: { v1: { batching: null } } });
  const read = await getDeploymentSettings(workspace.as("viewer"), { deployment: "tuned" });
  expect(read.variants).toMatchObject([{ batching: null }]);
});

it("changes nothing and leaves no trace where everything is so already", async () => {
  const { deploymentId } = await deployModel(world, workspace, "still");
  expect((await patch("still", { routing: { retries: 1 } })).status).toBe(200);
  expect((await patch("still", {})).status).toBe(200);
  const rows = await asOwner(
    world.db.ownerUrl,
    "select 1 from deployment_events where deployment_id = $1 and kind = 'settings_changed'",
    [deploymentId],
  );
  expect(rows).toEqual([]);
});

it("stores what it answers, of deployments scaled by hand and by load, and moves no replicas", async () => {
  const { deploymentId } = await deployModel(world, workspace, "stored");
  const read = () => getDeploymentSettings(workspace.as("viewer"), { deployment: "stored" });
  const replicas = () =>
    asOwner(
      world.db.ownerUrl,
      "select min_replicas, max_replicas, scaled_replicas from deployments where id = $1",
      [deploymentId],
    );
  const before = await replicas();
  const byHand = await patch("stored", { routing: { retries: 3 }, logging: { sampleRate: 0.5 } });
  expect(await read()).toEqual(byHand.body);
  expect(byHand.body).toMatchObject({ settings: { routing: { retries: 3 } } });
  expect(await replicas()).toEqual(before);
  await patch("stored", { scaling: { isEnabled: true, minReplicas: 1 } });
  const scaled = await replicas();
  const byLoad = await patch("stored", { routing: { retries: 2 } });
  expect(await read()).toEqual(byLoad.body);
  expect(byLoad.body).toMatchObject({ settings: { routing: { retries: 2 } } });
  expect(await replicas()).toEqual(scaled);
});

it("gateways follow at once", async () => {
  await deployModel(world, workspace, "followed");
  await patch("followed", { routing: { cache: { isEnabled: true } } });
  await until(async () => {
    const url = `${server.url}/api/v1/deployments/followed/predict`;
    return (await call(url, key, { input: { a: 1, b: 1 } })).headers.get("x-cache") === "hit";
  });
});

it("refuses unknown and impossible settings by their path, and stores none of the rest", async () => {
  await deployModel(world, workspace, "checked");
  const wrong: [unknown, string][] = [
    [{ routing: { retries: 99, timeoutMs: 5 } }, "routing.retries"],
    [{ routing: { tires: 1 } }, "routing"],
    [{ routing: { cache: { ttlSeconds: "long" } } }, "routing.cache.ttlSeconds"],
    [{ steering: {} }, ""],
    [{ variants: { v1: { batching: { maxBatchSize: 0 } } } }, "variants.v1.batching.maxBatchSize"],
    [{ routing: 7 }, "routing"],
    [
      { scaling: { resources: { cpuMillis: 500, cpuLimitMillis: 100 } } },
      "scaling.resources.cpuLimitMillis",
    ],
  ];
  for (const [body, path] of wrong) {
    const reply = await patch("checked", body);
    expect([reply.status, (reply.body.issues as { path: string }[])?.[0]?.path]).toEqual([
      422,
      path,
    ]);
  }
  expect((await patch("checked", { variants: { v9: { batching: null } } })).status).toBe(404);
  const read = await getDeploymentSettings(workspace.as("admin"), { deployment: "checked" });
  expect(read.settings.routing).toMatchObject({ retries: 1, timeoutMs: 30_000 });
});

it("another workspace finds nothing, and reading is not enough to change", async () => {
  await deployModel(world, workspace, "private");
  const other = await world.workspace();
  const input = { deployment: "private", routing: { retries: 2 } };
  const notFound = expect.objectContaining({ code: "not_found" });
  const forbidden = expect.objectContaining({ code: "forbidden" });
  await expect(updateDeploymentSettings(other.as("admin"), input)).rejects.toEqual(notFound);
  await expect(getDeploymentSettings(other.as("admin"), input)).rejects.toEqual(notFound);
  await expect(updateDeploymentSettings(workspace.as("viewer"), input)).rejects.toEqual(forbidden);
});
