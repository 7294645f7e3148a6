import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { getDeploymentHealth, type NodePool } from "@/server/deployments";
import { deployModel, openPool, slopeModel } from "../deployments/support/deployed-world";
import { freePort } from "../support/postgres-server";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { startLoad } from "./support/load";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "./support/prediction-server";

let world: TestWorld;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
});
afterAll(() => world.close());

const children: ChildProcess[] = [];
let server: PredictionServer | undefined;
let nodes: NodePool | undefined;
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await server?.close();
  await nodes?.close();
});

/** Starts a node process and waits until it accepts requests. */
async function startProcess(port: number): Promise<ChildProcess> {
  const child = fork(
    "tests/predictions/support/node-process.ts",
    [world.artifactsFolder, String(port)],
    { execArgv: ["--import", "tsx"] },
  );
  children.push(child);
  await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", reject);
  });
  return child;
}

/** A gateway over node processes, one a port, and a deployment on them. */
async function serve(name: string, ports: number[], replicas = 1) {
  const processes = await Promise.all(ports.map(startProcess));
  nodes = openPool(
    ports.map((port) => `http://127.0.0.1:${port}`),
    world.objects,
  );
  workspace.as("admin").ports.nodes = nodes;
  const made = await deployModel(world, workspace, name, slopeModel(2));
  const model = { workspaceId: workspace.id, versionId: made.versionId };
  server = await startPredictionServer(world, nodes);
  const url = `${server.url}/api/v1/deployments/${name}/predict`;
  return { processes, nodes, url, model, replicas, made };
}

const body = { input: { a: 2, b: 1 } };

it("recovers by itself when its only node is killed and comes back empty", async () => {
  const port = await freePort();
  const { processes, url } = await serve("alone", [port]);
  const load = startLoad({ url, key, clients: 6, body });
  await until(() => load.answers.filter((one) => one.status === 200).length > 50);
  processes[0]?.kill("SIGKILL");
  await until(() => load.answers.at(-1)?.status === 503);
  const health = await getDeploymentHealth(workspace.as("viewer"), { deployment: "alone" });
  expect(health).toMatchObject({ health: "unhealthy", nodes: [{ reachable: false }] });
  await sleep(300);
  await startProcess(port);
  const backMs = Date.now();
  await until(() => load.answers.at(-1)?.status === 200);
  const recoveredMs = Date.now() - backMs;
  await sleep(500);
  const answers = await load.stop();
  expect(recoveredMs).toBeLessThan(20_000);
  const failed = answers.filter((one) => one.status !== 200);
  expect(new Set(failed.map((one) => `${one.status} ${one.retryAfter}`))).toEqual(
    new Set(["503 1"]),
  );
  expect(Math.max(...failed.map((one) => one.atMs))).toBeLessThan(backMs + 20_000);
  expect(answers.at(-1)?.body.predictions).toEqual([5]);
}, 120_000);

it("fails no request when one of two nodes is killed, and loads the version on the other", async () => {
  const ports = [await freePort(), await freePort()];
  const { processes, nodes: pool, url, model } = await serve("paired", ports);
  const before = await pool.inspect(model);
  const owner = before.findIndex((state) => state.loaded);
  expect(before.filter((state) => state.loaded)).toHaveLength(1);
  const load = startLoad({ url, key, clients: 6, body });
  await until(() => load.answers.length > 100);
  processes[owner]?.kill("SIGKILL");
  const atKill = load.answers.length;
  await until(() => load.answers.length > atKill + 200);
  const answers = await load.stop();
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
  const after = await pool.inspect(model);
  expect(after.map((state) => state.loaded)).toEqual([0, 1].map((index) => index !== owner));
}, 120_000);

it("gives a node that came back empty its versions before anybody asks", async () => {
  const port = await freePort();
  const { processes, nodes: pool, model } = await serve("returning", [port]);
  processes[0]?.kill("SIGKILL");
  await until(async () => !(await pool.inspect(model))[0]?.reachable);
  await startProcess(port);
  const [state] = await until(async () => {
    const states = await pool.inspect(model);
    return states[0]?.loaded && states;
  });
  expect(state).toMatchObject({ reachable: true, loaded: true });
}, 120_000);

it("loads a version once when many requests find it missing", async () => {
  const port = await freePort();
  const { nodes: pool, url, model } = await serve("missing", [port]);
  const misses = async () => {
    const text = await server?.gateway.metrics.registry.metrics();
    return Number(/model_cache_misses_total (\d+)/.exec(text ?? "")?.[1]);
  };
  // Now and then the gateway has put the version back before the first request.
  while ((await misses()) === 0) {
    await pool.unload(model);
    const replies = await Promise.all(Array.from({ length: 50 }, () => call(url, key, body)));
    expect(replies.map((one) => one.status)).toEqual(Array(50).fill(200));
  }
}, 120_000);

it("answers 503 with Retry-After at once when no node is there", async () => {
  const port = await freePort();
  const { processes, url } = await serve("lonely", [port]);
  processes[0]?.kill("SIGKILL");
  await sleep(100);
  const startedMs = Date.now();
  const reply = await call(url, key, body);
  expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(Date.now() - startedMs).toBeLessThan(20_000);
  expect((await call(`${server?.url}/v2/models/lonely/ready`, key)).status).toBe(503);
}, 120_000);
