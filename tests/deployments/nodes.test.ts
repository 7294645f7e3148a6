import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { drainNode, resumeNode } from "@/server/deployments/nodes/drain-node";
import { getNode } from "@/server/deployments/nodes/get-node";
import type { Announcement } from "@/server/deployments/nodes/schemas";
import { startLoad } from "../predictions/support/load";
import { call, until } from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { addVersion, makeModel, slopeModel, TOKEN } from "./support/deployed-world";
import {
  closeNodesWorld,
  createNodesWorld,
  deployOn,
  endNodes,
  heldOn,
  type NodesWorld,
  nodeAt,
  startNode,
} from "./support/registered-nodes";

let made: NodesWorld;
beforeAll(async () => {
  made = await createNodesWorld();
});
afterEach(() => endNodes(made));
afterAll(() => closeNodesWorld(made));

const announce = (body: unknown, token = TOKEN) =>
  fetch(`${made.server.url}/api/v1/nodes/announce`, {
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
const body = { input: { a: 2, b: 1 } };

describe("registration", () => {
  it("takes a node with the token of the installation, and nobody without", async () => {
    expect((await announce(word("http://127.0.0.1:9"), "wrong")).status).toBe(401);
    expect((await announce({ ...word("http://127.0.0.1:9"), labels: { "": "x" } })).status).toBe(
      422,
    );
    expect((await announce(word("http://user:pass@127.0.0.1:9"))).status).toBe(422);
    expect((await announce(word("file:///etc"))).status).toBe(422);
    expect(await nodeAt(made, "http://127.0.0.1:9")).toBeUndefined();
    const reply = await announce(word("http://127.0.0.1:9/", { labels: { zone: "eu" } }));
    expect(await reply.json()).toMatchObject({ draining: false, heartbeatMs: 2_000 });
    expect(await nodeAt(made, "http://127.0.0.1:9")).toMatchObject({
      state: "ready",
      labels: { zone: "eu" },
      memoryBytes: 1024 ** 3,
    });
  });

  it("sends traffic to a node that registered, and shows what it holds to its workspace alone", async () => {
    const { id } = await startNode(made);
    const url = await deployOn(made, "first-come");
    expect((await call(url, made.key, body)).body.predictions).toEqual([5]);
    expect(await heldOn(made, id)).toMatchObject([
      { versionNumber: 1, deployments: [{ name: "first-come" }] },
    ]);
    const seen = await getNode(made.later.as("viewer"), { node: id });
    expect(seen).toMatchObject({ models: [], otherModels: 1, canManage: false });
  });

  it("gives a silent node no traffic until it speaks again", async () => {
    const { node, announcer } = await startNode(made);
    const url = await deployOn(made, "silent");
    expect((await call(url, made.key, body)).status).toBe(200);
    await announcer.close();
    await until(() => made.pool.members.every((one) => !one.isUsable));
    expect(await nodeAt(made, node.url)).toMatchObject({ state: "away", lastSeenAt: null });
    await announce(word(node.url));
    await until(async () => (await call(url, made.key, body)).status === 200);
    // It fell silent without a goodbye: the made.pool notices by the clock.
    await until(() => made.pool.members.every((one) => !one.isUsable));
  });

  it("places a deployment on nodes that have the labels it asks for", async () => {
    await startNode(made, { zone: "us" });
    const { id } = await startNode(made, { zone: "eu" });
    const ctx = made.first.as("admin");
    const model = await makeModel(ctx);
    for (let n = 0; n < 4; n++) {
      const versionId = await addVersion(ctx, model.id, slopeModel(n));
      const found = {
        workspaceId: made.first.id,
        versionId,
        sha256: "",
        sizeBytes: 0,
        signature: {},
      };
      const homes = (selector: Record<string, string>) =>
        made.pool.homesOf({ ...found, selector }, 2).map((one) => one.facts.id);
      expect(homes({ zone: "eu" })).toEqual([id]);
      expect(homes({})).toHaveLength(2);
      expect(homes({ zone: "moon" })).toEqual([]);
      const seen = async (selector: Record<string, string>) =>
        (await made.pool.inspect({ ...found, selector })).length;
      expect([await seen({}), await seen({ zone: "eu" }), await seen({ zone: "moon" })]).toEqual([
        2, 1, 0,
      ]);
      await expect(made.pool.load({ ...found, selector: { zone: "moon" } }, 1)).rejects.toThrow(
        /fits/,
      );
    }
  });
});

describe("draining", () => {
  const holdsMoved = (one: Awaited<ReturnType<typeof heldOn>>[number]) =>
    one.deployments.some(({ name }) => name === "moved");

  it("moves models elsewhere first, fails no request meanwhile, and can be undone", async () => {
    const a = await startNode(made);
    const url = await deployOn(made, "moved");
    const b = await startNode(made);
    await call(url, made.key, body);
    const isOnA = (await heldOn(made, a.id)).some(holdsMoved);
    const [from, to] = isOnA ? [a, b] : [b, a];
    const load = startLoad({ url, key: made.key, clients: 4, body });
    await until(() => load.answers.length > 50);
    const after = await drainNode(made.first.as("admin"), { node: from.id });
    expect(after.state).toMatch(/drain/);
    await until(async () => (await nodeAt(made, from.node.url))?.state === "drained");
    expect(await heldOn(made, from.id)).toEqual([]);
    expect((await heldOn(made, to.id)).filter(holdsMoved)).toHaveLength(1);
    const atDrained = load.answers.length;
    await until(() => load.answers.length > atDrained + 50);
    expect((await resumeNode(made.first.as("admin"), { node: from.id })).state).toBe("ready");
    await until(() => made.pool.members.every((one) => !one.facts.isDraining));
    const answers = await load.stop();
    expect(answers.filter((one) => one.status !== 200)).toEqual([]);
    const trail = await asOwner<{ action: string }>(
      made.world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 order by seq",
      [from.id],
    );
    expect(trail.map((one) => one.action)).toEqual(["node.draining", "node.resumed"]);
  }, 180_000);

  it("keeps what no other node can take", async () => {
    const { id, node } = await startNode(made);
    const url = await deployOn(made, "only-home");
    await drainNode(made.first.as("admin"), { node: id });
    await until(() => made.pool.members.every((one) => one.facts.isDraining));
    await sleep(3_500);
    expect((await nodeAt(made, node.url))?.state).toBe("draining");
    expect((await call(url, made.key, body)).status).toBe(200);
  });
});
