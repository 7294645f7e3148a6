import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deployVersion, type NodePool, scaleDeployment } from "@/server/deployments";
import { drainNode, resumeNode } from "@/server/deployments/nodes/drain-node";
import { followNodes } from "@/server/deployments/nodes/follow-nodes";
import { getNode } from "@/server/deployments/nodes/get-node";
import { listNodes } from "@/server/deployments/nodes/list-nodes";
import { removeNode } from "@/server/deployments/nodes/remove-node";
import type { Announcement } from "@/server/deployments/nodes/schemas";
import { announceTo } from "@/server/node/announce/announcer";
import type { RunningNode } from "@/server/node/start-node";
import { startLoad } from "../predictions/support/load";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import {
  addVersion,
  makeModel,
  openPool,
  rollOutNow,
  silent,
  slopeModel,
  startWorldNode,
  TOKEN,
} from "./support/deployed-world";

let world: TestWorld;
/** The first workspace, whose administrators run the nodes, and one that came later. */
let first: TestWorkspace;
let later: TestWorkspace;
let pool: NodePool;
let server: PredictionServer;
let key: string;
const AWAY_MS = 1_500;
beforeAll(async () => {
  world = await createTestWorld();
  first = await world.workspace();
  later = await world.workspace();
  key = await first.key("data_scientist");
  pool = openPool([], world.objects);
  pool.followed = followNodes(world.db, pool, silent, AWAY_MS);
  server = await startPredictionServer(world, pool);
  for (const one of [first, later]) one.as("admin").ports.nodes = pool;
});
afterAll(async () => {
  await server.close();
  await pool.close();
  await world.close();
});

const nodes: RunningNode[] = [];
const announcers: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(announcers.splice(0).map((one) => one.close()));
  await Promise.all(nodes.splice(0).map((one) => one.close()));
  await asOwner(
    world.db.ownerUrl,
    "with gone as (delete from inference_nodes returning 1) select pg_notify('modelyard_nodes', '')",
  );
  await until(() => pool.members.length === 0);
});

const announce = (body: unknown, token = TOKEN) =>
  fetch(`${server.url}/api/v1/nodes/announce`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-modelyard-node-token": token },
    body: JSON.stringify(body),
  });

const word = (url: string, more: Partial<Announcement> = {}): Announcement => ({
  url,
  memoryBytes: 1024 ** 3,
  modelsMax: 100,
  version: "test",
  load: { inFlight: 0, queued: 0, models: 0, bytesUsed: 0 },
  ...more,
});

/** A node that registers, and the id it got. */
async function startNode(labels: Record<string, string> = {}) {
  const node = await startWorldNode(world.artifactsFolder);
  nodes.push(node);
  const announcer = announceTo({
    gateway: server.url,
    token: TOKEN,
    url: node.url,
    labels,
    device: "cpu",
    memoryBytes: 1024 ** 3,
    modelsMax: 100,
    version: "test",
    load: node.load,
    log: silent,
  });
  announcers.push(announcer);
  const id = await until(async () => (await row(node.url))?.id ?? undefined);
  await until(() => pool.members.some((one) => one.facts.id === id && one.isUsable));
  return { node, announcer, id };
}

const row = async (url: string) =>
  (await listNodes(first.as("viewer"))).items.find((one) => one.url === url);
const held = async (id: string) => (await getNode(first.as("viewer"), { node: id })).models ?? [];

/** Deploys a model that multiplies by 2; answers the address to ask. */
async function deploy(name: string, minReplicas = 1): Promise<string> {
  const ctx = first.as("admin");
  const model = await makeModel(ctx);
  const versionId = await addVersion(ctx, model.id, slopeModel(2));
  const { deploymentId } = await deployVersion(ctx, {
    model: model.id,
    versionId,
    name,
    environment: "production",
    minReplicas,
  });
  await rollOutNow(world, first, deploymentId);
  return `${server.url}/api/v1/deployments/${name}/predict`;
}
const body = { input: { a: 2, b: 1 } };

describe("registration", () => {
  it("takes a node with the token of the installation, and nobody without", async () => {
    expect((await announce(word("http://127.0.0.1:9"), "wrong")).status).toBe(401);
    expect((await announce({ ...word("http://127.0.0.1:9"), labels: { "": "x" } })).status).toBe(
      422,
    );
    expect((await announce(word("http://user:pass@127.0.0.1:9"))).status).toBe(422);
    expect((await announce(word("file:///etc"))).status).toBe(422);
    expect(await row("http://127.0.0.1:9")).toBeUndefined();
    const reply = await announce(word("http://127.0.0.1:9/", { labels: { zone: "eu" } }));
    expect(await reply.json()).toMatchObject({ draining: false, heartbeatMs: 2_000 });
    expect(await row("http://127.0.0.1:9")).toMatchObject({
      state: "ready",
      labels: { zone: "eu" },
      memoryBytes: 1024 ** 3,
    });
  });

  it("sends traffic to a node that registered, and shows what it holds to its workspace alone", async () => {
    const { id } = await startNode();
    const url = await deploy("first-come");
    expect((await call(url, key, body)).body.predictions).toEqual([5]);
    expect(await held(id)).toMatchObject([
      { versionNumber: 1, deployments: [{ name: "first-come" }] },
    ]);
    const seen = await getNode(later.as("viewer"), { node: id });
    expect(seen).toMatchObject({ models: [], otherModels: 1, canManage: false });
  });

  it("gives a silent node no traffic until it speaks again", async () => {
    const { node, announcer } = await startNode();
    const url = await deploy("silent");
    expect((await call(url, key, body)).status).toBe(200);
    await announcer.close();
    await until(() => pool.members.every((one) => !one.isUsable));
    expect(await row(node.url)).toMatchObject({ state: "away", lastSeenAt: null });
    await announce(word(node.url));
    await until(async () => (await call(url, key, body)).status === 200);
    // It fell silent without a goodbye: the pool notices by the clock.
    await until(() => pool.members.every((one) => !one.isUsable));
  });

  it("places a deployment on nodes that have the labels it asks for", async () => {
    await startNode({ zone: "us" });
    const { id } = await startNode({ zone: "eu" });
    const ctx = first.as("admin");
    const model = await makeModel(ctx);
    for (let n = 0; n < 4; n++) {
      const versionId = await addVersion(ctx, model.id, slopeModel(n));
      const found = { workspaceId: first.id, versionId, sha256: "", sizeBytes: 0, signature: {} };
      const homes = (selector: Record<string, string>) =>
        pool.homesOf({ ...found, selector }, 2).map((one) => one.facts.id);
      expect(homes({ zone: "eu" })).toEqual([id]);
      expect(homes({})).toHaveLength(2);
      expect(homes({ zone: "moon" })).toEqual([]);
      await expect(pool.load({ ...found, selector: { zone: "moon" } }, 1)).rejects.toThrow(/fits/);
    }
  });
});

describe("draining", () => {
  const holdsMoved = (one: Awaited<ReturnType<typeof held>>[number]) =>
    one.deployments.some(({ name }) => name === "moved");

  it("moves models elsewhere first, fails no request meanwhile, and can be undone", async () => {
    const a = await startNode();
    const url = await deploy("moved");
    const b = await startNode();
    await call(url, key, body);
    const isOnA = (await held(a.id)).some(holdsMoved);
    const [from, to] = isOnA ? [a, b] : [b, a];
    const load = startLoad({ url, key, clients: 4, body });
    await until(() => load.answers.length > 50);
    const after = await drainNode(first.as("admin"), { node: from.id });
    expect(after.state).toMatch(/drain/);
    await until(async () => (await row(from.node.url))?.state === "drained");
    expect(await held(from.id)).toEqual([]);
    expect((await held(to.id)).filter(holdsMoved)).toHaveLength(1);
    const atDrained = load.answers.length;
    await until(() => load.answers.length > atDrained + 50);
    expect((await resumeNode(first.as("admin"), { node: from.id })).state).toBe("ready");
    await until(() => pool.members.every((one) => !one.facts.isDraining));
    const answers = await load.stop();
    expect(answers.filter((one) => one.status !== 200)).toEqual([]);
    const trail = await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 order by seq",
      [from.id],
    );
    expect(trail.map((one) => one.action)).toEqual(["node.draining", "node.resumed"]);
  }, 180_000);

  it("keeps what no other node can take", async () => {
    const { id, node } = await startNode();
    const url = await deploy("only-home");
    await drainNode(first.as("admin"), { node: id });
    await until(() => pool.members.every((one) => one.facts.isDraining));
    await sleep(3_500);
    expect((await row(node.url))?.state).toBe("draining");
    expect((await call(url, key, body)).status).toBe(200);
  });
});

describe("scaling by hand", () => {
  it("loads new replicas before they answer, gives surplus ones up, and fails no request", async () => {
    const started = [await startNode(), await startNode()];
    const url = await deploy("scaled");
    const ctx = first.as("operator");
    const holders = async () => {
      const lists = await Promise.all(started.map(({ id }) => held(id)));
      const mine = lists.map((list) =>
        list.some(({ deployments }) => deployments.some(({ name }) => name === "scaled")),
      );
      return mine.filter(Boolean).length;
    };
    expect(await holders()).toBe(1);
    const load = startLoad({ url, key, clients: 4, body });
    const up = await scaleDeployment(ctx, { deployment: "scaled", replicas: 2 });
    expect(up).toMatchObject({ minReplicas: 2, maxReplicas: 2 });
    await until(async () => (await holders()) === 2);
    await scaleDeployment(ctx, { deployment: "scaled", replicas: 1 });
    await until(async () => (await holders()) === 1);
    const answers = await load.stop();
    expect(answers.filter((one) => one.status !== 200)).toEqual([]);
    const trail = await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 and action = 'deployment.scaled'",
      [up.id],
    );
    expect(trail).toHaveLength(2);
  }, 180_000);

  it("is for who deploys, in the deployment's workspace, within limits", async () => {
    await startNode();
    await deploy("guarded-scale");
    const to = (replicas: number) => ({ deployment: "guarded-scale", replicas });
    const fails = (ctx: Parameters<typeof scaleDeployment>[0], replicas: number) =>
      scaleDeployment(ctx, to(replicas)).catch((error: { code?: string; name: string }) => {
        return error.code ?? error.name;
      });
    expect(await fails(first.as("viewer"), 2)).toBe("forbidden");
    expect(await fails(later.as("admin"), 2)).toBe("not_found");
    expect(await fails(first.as("operator"), 0)).toBe("ZodError");
    expect(await fails(first.as("operator"), 101)).toBe("ZodError");
  });
});

describe("running the nodes", () => {
  it("is for administrators of the first workspace", async () => {
    const { id } = await startNode();
    const ways = [drainNode, resumeNode, removeNode];
    for (const way of ways) {
      await expect(way(later.as("admin"), { node: id })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(way(first.as("operator"), { node: id })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(
        way(first.as("admin"), { node: "00000000-0000-4000-8000-000000000000" }),
      ).rejects.toMatchObject({ code: "not_found" });
      await expect(way(first.as("admin"), { node: "x" })).rejects.toThrow();
    }
    expect((await listNodes(first.as("admin"))).canManage).toBe(true);
    expect((await listNodes(later.as("admin"))).canManage).toBe(false);
  });

  it("removes a node that is gone, not one that would register again", async () => {
    const { id, announcer, node } = await startNode();
    await expect(removeNode(first.as("admin"), { node: id })).rejects.toMatchObject({
      code: "conflict",
    });
    await announcer.close();
    await removeNode(first.as("admin"), { node: id });
    // Processes follow the table; until then they list what they still reach.
    await until(() => pool.members.length === 0);
    expect(await row(node.url)).toBeUndefined();
    const [last] = await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 order by seq desc limit 1",
      [id],
    );
    expect(last?.action).toBe("node.removed");
  });
});
