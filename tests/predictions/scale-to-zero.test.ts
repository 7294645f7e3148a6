import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { getDeployment, getDeploymentHealth, updateDeploymentSettings } from "@/server/deployments";
import { scaleByLoad } from "@/server/deployments/scaling/scale-by-load";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import { type BothServers, startBoth } from "../open-inference/support/start-servers";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { call, type Reply, until } from "./support/prediction-server";

let world: DeployedWorld;
let server: BothServers;
let workspace: TestWorkspace;
let key: string;

/** How often the node read a model, and what it waits for before it does. */
let reads: number;
let gate: Promise<void>;

beforeAll(async () => {
  world = await createDeployedWorld((read) => async (...asked) => {
    reads++;
    await gate;
    return read(...asked);
  });
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(() => {
  reads = 0;
  gate = Promise.resolve();
});

/** Holds the node's reading up until the answer is called. */
function holdReading(): () => void {
  let open: () => void = () => undefined;
  gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

const isLoaded = async ({ versionId }: Deployed): Promise<boolean> => {
  const states = await world.nodes.inspect({ workspaceId: workspace.id, versionId });
  return states.some((one) => one.loaded);
};

const goIdle = async (made: Deployed): Promise<void> => {
  const { deploymentId } = made;
  const { replicas: from } = await getDeployment(workspace.as("admin"), {
    deployment: deploymentId,
  });
  const idle = { deploymentId, from, replicas: 0, reason: "No request for 5 s." };
  expect(await scaleByLoad(workspace.job(), idle)).toBe(true);
  await until(async () => !(await isLoaded(made)));
  reads = 0;
};

/** A deployment that scaled to nothing. */
async function idleDeployment(name: string, scaling = {}, slope = 1): Promise<Deployed> {
  const made = await deployModel(world, workspace, name, slopeModel(slope));
  await updateDeploymentSettings(workspace.as("admin"), {
    deployment: name,
    scaling: { isEnabled: true, minReplicas: 0, ...scaling },
  });
  await goIdle(made);
  return made;
}

/** The value of a series that `/metrics` tells of this gateway; 0 where it tells none. */
async function metric(series: string): Promise<number> {
  const text = await server.gateway.metrics.registry.metrics();
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.split(" ").at(-1) ?? 0);
}

const predict = (name: string): Promise<Reply> =>
  call(`${server.url}/api/v1/deployments/${name}/predict`, key, { input: { a: 2, b: 1 } });

it("an idle deployment holds no node, says so, and is woken by a request that waits", async () => {
  const made = await idleDeployment("sleepy");
  const ctx = workspace.as("viewer");
  expect(await getDeployment(ctx, { deployment: "sleepy" })).toMatchObject({
    status: "active",
    replicas: 0,
    isAutoscaled: true,
  });
  expect((await getDeploymentHealth(ctx, { deployment: "sleepy" })).health).toBe("idle");
  const reply = await predict("sleepy");
  expect(reply.status).toBe(200);
  expect(reply.body.predictions).toEqual([3]);
  expect(await isLoaded(made)).toBe(true);
  const after = await getDeployment(ctx, { deployment: "sleepy" });
  expect(after.replicas).toBe(1);
});

it("a hundred first requests at once are all answered, by one load, and wake it once", async () => {
  const { deploymentId } = await idleDeployment("rush");
  const waited = 'modelyard_held_request_duration_seconds_count{outcome="woken"}';
  const of = `{deployment="${deploymentId}"}`;
  const before = [await metric("modelyard_deployment_wakes_total"), await metric(waited)];
  expect(await metric(`modelyard_deployment_replicas_desired${of}`)).toBe(0);
  const open = holdReading();
  const replies = Array.from({ length: 100 }, () => predict("rush"));
  // Requests that wait are load: all of them are measured before the version is there.
  await until(async () => {
    const [row] = await asOwner<{ requests: number }>(
      world.db.ownerUrl,
      "select coalesce(sum(requests), 0)::int as requests from deployment_loads where deployment_id = $1",
      [deploymentId],
    );
    return row?.requests === 100;
  });
  // Those that came once it was woken wait for the node's own load instead.
  const held = await metric("modelyard_held_requests");
  expect(held).toBeGreaterThan(0);
  open();
  const statuses = (await Promise.all(replies)).map((reply) => reply.status);
  expect(statuses).toEqual(statuses.map(() => 200));
  expect(reads).toBe(1);
  const after = [await metric("modelyard_deployment_wakes_total"), await metric(waited)];
  expect(after).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + held]);
  expect(await metric("modelyard_held_requests")).toBe(0);
  expect(await metric(`modelyard_deployment_replicas_desired${of}`)).toBe(1);
  expect(await metric(`modelyard_deployment_replicas_ready${of}`)).toBe(1);
  const woken = await asOwner(
    world.db.ownerUrl,
    "select 1 from deployment_events where deployment_id = $1 and message ~ 'A request woke it'",
    [deploymentId],
  );
  expect(woken).toHaveLength(1);
});

it("requests of the open protocol wait too, over REST and gRPC, and models say they are ready", async () => {
  const made = await idleDeployment("open");
  const input = { name: "numeric", datatype: "FP64", shape: [1, 2] };
  const ready = await call(`${server.url}/v2/models/open/ready`, key);
  expect(ready.status).toBe(200);
  const rest = await call(`${server.url}/v2/models/open/infer`, key, {
    inputs: [{ ...input, data: [2, 1] }],
  });
  expect(rest.status).toBe(200);
  expect(rest.body.outputs).toMatchObject([{ data: [3] }]);
  await goIdle(made);
  const grpc = await server.grpc.infer(
    { model_name: "open", inputs: [{ ...input, contents: { fp64_contents: [2, 1] } }] },
    { key },
  );
  expect(grpc).toMatchObject({ code: 0 });
  expect(reads).toBe(1);
});

it("requests of a batch to an idle deployment are answered", async () => {
  await idleDeployment("batch");
  const reply = await call(`${server.url}/api/v1/deployments/batch/batch-predict`, key, {
    inputs: [
      { a: 1, b: 0 },
      { a: 2, b: 0 },
    ],
  });
  expect(reply.status).toBe(200);
  expect(reads).toBe(1);
});

it("a version that cannot be loaded is told at once: 503, why, and when to ask again", async () => {
  const made = await idleDeployment("broken", {}, 7);
  await asOwner(
    world.db.ownerUrl,
    "delete from object_keys where sha256 in (select sha256 from model_version_artifacts where version_id = $1)",
    [made.versionId],
  );
  const reply = await predict("broken");
  expect(reply.status).toBe(503);
  expect(reply.headers.get("retry-after")).toBe("5");
  expect(String(reply.body.detail)).toMatch(/was idle and cannot wake up: .*does not exist/);
});

it("no longer than the setting says, and no more requests than it says, wait", async () => {
  await idleDeployment("patient", { holdSeconds: 3, heldRequestsMax: 2 });
  const open = holdReading();
  const replies = Array.from({ length: 5 }, () => predict("patient"));
  const all = await Promise.all(replies);
  open();
  expect(all.map((reply) => reply.status)).toEqual([503, 503, 503, 503, 503]);
  const details = all.map((reply) => String(reply.body.detail));
  expect(details.filter((text) => /more requests than may wait/.test(text))).toHaveLength(3);
  expect(details.filter((text) => /did not wake up within 3 s/.test(text))).toHaveLength(2);
  expect(all.every((reply) => reply.headers.get("retry-after") === "5")).toBe(true);
  await until(async () => (await predict("patient")).status === 200);
});

it("a version that another deployment serves stays on the nodes", async () => {
  const made = await deployModel(world, workspace, "shared");
  const admin = workspace.as("admin");
  await asOwner(
    world.db.ownerUrl,
    `with d as (insert into deployments (workspace_id, id, model_id, name, environment, status)
       select workspace_id, gen_random_uuid(), model_id, 'shared-2', 'staging', 'active' from deployments where id = $1 returning *)
     insert into deployment_variants (workspace_id, id, deployment_id, version_id, name, weight, status, activated_at)
       select d.workspace_id, gen_random_uuid(), d.id, $2, 'v1', 100, 'active', now() from d`,
    [made.deploymentId, made.versionId],
  );
  await updateDeploymentSettings(admin, {
    deployment: "shared",
    scaling: { isEnabled: true, minReplicas: 0 },
  });
  const idle = { deploymentId: made.deploymentId, from: 1, replicas: 0, reason: "No request." };
  expect(await scaleByLoad(workspace.job(), idle)).toBe(true);
  await until(
    () => server.gateway.table.deployment(workspace.id, "shared")?.variants[0]?.replicas === 0,
  );
  expect((await predict("shared-2")).status).toBe(200);
  expect(await isLoaded(made)).toBe(true);
});

it("a deployment that is gone when it is woken is not found", async () => {
  const { deploymentId } = await idleDeployment("gone");
  await asOwner(world.db.ownerUrl, "update deployments set deleted_at = now() where id = $1", [
    deploymentId,
  ]);
  expect((await predict("gone")).status).toBe(404);
  await expect(
    scaleByLoad(workspace.job(), { deploymentId, from: 0, replicas: 1, reason: "" }),
  ).resolves.toBe(false);
});
