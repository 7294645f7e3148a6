import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  FIRST_NODE_LABEL,
  type LocalNodeKind,
  NODE_GROUP_LABEL,
} from "@/server/deployments/constants";
import { followNodes } from "@/server/deployments/nodes/follow-nodes";
import { NodePool } from "@/server/deployments/nodes/node-pool";
import type { DesiredScale, ScalingBackend } from "@/server/deployments/scaling/backend";
import { createLocalBackend } from "@/server/deployments/scaling/local-backend";
import {
  type LocalNode,
  type NodesMessage,
  planNodes,
} from "@/server/deployments/scaling/local-nodes";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { silent, TOKEN } from "./support/deployed-world";

const node = (id: string, some: Partial<LocalNode> = {}): LocalNode => ({
  id,
  url: `http://127.0.0.1/${id}`,
  isDraining: false,
  isDrained: false,
  isAway: false,
  ...some,
});
const draining = { isDraining: true };
const drained = { isDraining: true, isDrained: true };
const NOTHING = { stop: [], drain: [], resume: [], forget: [] };

describe("what is to be done with further nodes", () => {
  it("asks for what is needed and ends none for as long as the surplus is young", () => {
    expect(planNodes([], 2, false)).toEqual({ ...NOTHING, count: 2 });
    expect(planNodes([node("a"), node("b")], 1, false)).toEqual({ ...NOTHING, count: 1 });
  });

  it("empties what is not needed, and ends it only once it holds nothing", () => {
    const [a, b] = [node("a"), node("b")];
    expect(planNodes([a, b], 1, true)).toEqual({ ...NOTHING, count: 1, drain: ["b"] });
    const emptying = [a, node("b", draining)];
    expect(planNodes(emptying, 1, true)).toEqual({ ...NOTHING, count: 1 });
    const empty = [a, node("b", drained)];
    expect(planNodes(empty, 1, true)).toEqual({ ...NOTHING, count: 1, stop: [b.url] });
  });

  it("takes back what is being emptied before it starts another", () => {
    const nodes = [node("a"), node("b", drained), node("c", draining)];
    expect(planNodes(nodes, 2, false)).toMatchObject({ resume: ["b"], stop: [] });
    expect(planNodes(nodes, 3, false)).toMatchObject({ resume: ["b", "c"], stop: [], count: 3 });
  });

  it("forgets nodes that ended", () => {
    const nodes = [node("a", { isAway: true, ...drained }), node("b")];
    expect(planNodes(nodes, 1, true)).toEqual({ ...NOTHING, count: 1, forget: ["a"] });
  });
});

describe("nodes on this machine", () => {
  const GROUP = "group-of-the-test";
  let world: TestWorld;
  let pool: NodePool;
  let followed: ReturnType<typeof followNodes>;
  let backend: ScalingBackend;
  const sent = new Map<LocalNodeKind, NodesMessage>();
  beforeAll(async () => {
    world = await createTestWorld();
    pool = new NodePool({ urls: [], token: TOKEN, objects: world.objects, log: silent });
    followed = followNodes(world.db, pool, silent);
    backend = createLocalBackend({
      db: world.db,
      pool,
      nodesMax: 4,
      group: GROUP,
      hasPython: true,
      sparedMs: 0,
      send: (message) => sent.set(message.kind, message),
    });
  });
  afterAll(async () => {
    await followed.close();
    await pool.close();
    await world.close();
  });

  const announce = async (port: number, labels: object, models = 1): Promise<void> => {
    await world.db.pool.query(
      "select announce_node(gen_random_uuid(), $1, $2, 'cpu', 1, 1, 'x', $3, false)",
      [
        `http://127.0.0.1:${port}`,
        JSON.stringify(labels),
        JSON.stringify({ inFlight: 0, queued: 0, models, bytesUsed: 0 }),
      ],
    );
    await followed.refresh();
  };
  const ours = { [NODE_GROUP_LABEL]: GROUP };
  const wants = (
    replicas: number,
    nodeSelector = {},
    versions: DesiredScale["versions"] = [],
  ): DesiredScale => ({
    workspaceId: "w",
    deploymentId: `d-${replicas}`,
    name: "d",
    environment: "production",
    versions,
    replicas,
    min: 1,
    max: 9,
    surge: 0,
    isAutomatic: true,
    resources: {
      cpuMillis: null,
      cpuLimitMillis: null,
      memoryBytes: null,
      memoryLimitBytes: null,
      gpus: 0,
    },
    labels: {},
    nodeSelector,
  });
  const settle = async (...all: DesiredScale[]): Promise<NodesMessage | undefined> => {
    await backend.settle?.(all);
    await followed.refresh();
    return sent.get("node");
  };

  it("asks for as many as the widest deployment lacks, and no more than allowed", async () => {
    await announce(1, { zone: "eu" });
    expect(backend.capacity(wants(1))).toBe(4);
    expect(await settle(wants(1))).toEqual({
      type: "nodes",
      kind: "node",
      count: 0,
      stop: [],
    });
    expect(await settle(wants(3), wants(2))).toMatchObject({ count: 2 });
    expect(await settle(wants(9))).toMatchObject({ count: 3 });
  });

  it("starts one more while a roll-out moves replica by replica, within the same bounds", async () => {
    expect(await settle({ ...wants(1), surge: 1 })).toMatchObject({ count: 1 });
    expect(await settle({ ...wants(2), surge: 5 })).toMatchObject({ count: 3 });
    expect(await settle(wants(1))).toMatchObject({ count: 0 });
  });

  it("starts none for labels that its nodes do not have", async () => {
    const far = wants(5, { zone: "eu" });
    expect(backend.capacity(far)).toBe(1);
    expect(await settle(far)).toMatchObject({ count: 0 });
  });

  it("empties a node that nothing needs and ends it once it says that it is empty", async () => {
    await announce(2, ours);
    expect(await settle(wants(2))).toMatchObject({ count: 1, stop: [] });
    expect(await settle(wants(1))).toMatchObject({ count: 0, stop: [] });
    const [row] = await asOwner<{ draining: boolean }>(
      world.db.ownerUrl,
      "select draining_since is not null as draining from inference_nodes where url like '%:2'",
    );
    expect(row?.draining).toBe(true);
    expect(await settle(wants(1))).toMatchObject({ stop: [] });
    await announce(2, ours, 0);
    expect(await settle(wants(1))).toMatchObject({ stop: ["http://127.0.0.1:2"] });
    // Needed again before it ended: it goes on.
    expect(await settle(wants(2))).toMatchObject({ count: 1, stop: [] });
  });

  it("leaves nodes of others alone, and forgets its own that ended", async () => {
    await announce(3, { [NODE_GROUP_LABEL]: "another" });
    await asOwner(
      world.db.ownerUrl,
      "update inference_nodes set seen_at = now() - interval '1 hour' where url like '%:2' or url like '%:3'",
    );
    await settle(wants(1));
    const rows = await asOwner<{ url: string }>(
      world.db.ownerUrl,
      "select url from inference_nodes where draining_since is null order by url",
    );
    expect(rows.map(({ url }) => url)).toEqual(["http://127.0.0.1:1", "http://127.0.0.1:3"]);
  });

  const native = (replicas: number, nodeSelector = {}) =>
    wants(replicas, nodeSelector, [
      { versionId: "v", variant: "v1", role: "stable", weight: 100, format: "xgboost" },
    ]);

  it("starts Python nodes for what they alone run, once the first one is there", async () => {
    expect(backend.capacity(native(1))).toBe(0);
    await settle(native(2));
    expect(sent.get("python")).toMatchObject({ count: 0 });
    const python = { runtime: "python", device: "cpu" };
    await announce(10, { ...python, [FIRST_NODE_LABEL]: GROUP });
    expect(backend.capacity(native(1))).toBe(4);
    expect(await settle(native(3), wants(2))).toMatchObject({ kind: "node", count: 1 });
    expect(sent.get("python")).toEqual({ type: "nodes", kind: "python", count: 2, stop: [] });
    // An ONNX version goes there where it is asked to, and a Python node is none for the others.
    await settle(wants(2, { runtime: "python" }), wants(1));
    expect([sent.get("python")?.count, sent.get("node")?.count]).toEqual([1, 0]);
    // PyTorch archives need what the first does not announce.
    const archive = native(2).versions.map((one) => ({ ...one, format: "pt2" as const }));
    expect(backend.capacity(wants(1, {}, archive))).toBe(0);
    await settle(wants(3, {}, archive));
    expect(sent.get("python")?.count).toBe(0);
  });

  it("empties Python nodes and the others each by itself", async () => {
    await announce(11, { runtime: "python", device: "cpu", ...ours });
    await announce(4, ours);
    expect(await settle(native(1), wants(2))).toMatchObject({ count: 1, stop: [] });
    await announce(11, { runtime: "python", device: "cpu", ...ours }, 0);
    await settle(native(1), wants(2));
    expect(sent.get("python")).toMatchObject({ count: 0, stop: ["http://127.0.0.1:11"] });
    expect(sent.get("node")).toMatchObject({ count: 1, stop: [] });
  });
});
