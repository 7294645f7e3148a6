import { deployVersion, type NodePool } from "@/server/deployments";
import { followNodes } from "@/server/deployments/nodes/follow-nodes";
import { getNode } from "@/server/deployments/nodes/get-node";
import { listNodes } from "@/server/deployments/nodes/list-nodes";
import { announceTo } from "@/server/node/announce/announcer";
import type { RunningNode } from "@/server/node/start-node";
import {
  type PredictionServer,
  startPredictionServer,
  until,
} from "../../predictions/support/prediction-server";
import { asOwner } from "../../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../../support/workspace";
import {
  addVersion,
  makeModel,
  openPool,
  rollOutNow,
  silent,
  slopeModel,
  startWorldNode,
  TOKEN,
} from "./deployed-world";

/** How long a node may be silent before it is away, milliseconds: some beats, or a living one is away now and then. */
const AWAY_MS = 6_000;

/** A world whose nodes register by themselves. */
export interface NodesWorld {
  world: TestWorld;
  /** The first workspace, whose administrators run the nodes, and one that came later. */
  first: TestWorkspace;
  later: TestWorkspace;
  pool: NodePool;
  server: PredictionServer;
  key: string;
  nodes: RunningNode[];
  announcers: { close: () => Promise<void> }[];
}

export async function createNodesWorld(): Promise<NodesWorld> {
  const world = await createTestWorld();
  const first = await world.workspace();
  const later = await world.workspace();
  const key = await first.key("data_scientist");
  const pool = openPool([], world.objects);
  pool.followed = followNodes(world.db, pool, silent, AWAY_MS);
  const server = await startPredictionServer(world, pool);
  for (const one of [first, later]) one.as("admin").ports.nodes = pool;
  return { world, first, later, pool, server, key, nodes: [], announcers: [] };
}

/** Ends the nodes of a test and forgets what they registered. */
export async function endNodes({ world, pool, nodes, announcers }: NodesWorld): Promise<void> {
  await Promise.all(announcers.splice(0).map((one) => one.close()));
  await Promise.all(nodes.splice(0).map((one) => one.close()));
  await asOwner(
    world.db.ownerUrl,
    "with gone as (delete from inference_nodes returning 1) select pg_notify('modelyard_nodes', '')",
  );
  await until(() => pool.members.length === 0);
}

export async function closeNodesWorld({ world, pool, server }: NodesWorld): Promise<void> {
  await server.close();
  await pool.close();
  await world.close();
}

/** What the product shows of a node, by its address. */
export const nodeAt = async ({ first }: NodesWorld, url: string) =>
  (await listNodes(first.as("viewer"))).items.find((one) => one.url === url);

/** The versions a node holds, as the first workspace sees them. */
export const heldOn = async ({ first }: NodesWorld, id: string) =>
  (await getNode(first.as("viewer"), { node: id })).models ?? [];

/** A node that registers, and the id it got. */
export async function startNode(made: NodesWorld, labels: Record<string, string> = {}) {
  const { world, pool, server, nodes, announcers } = made;
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
  const id = await until(async () => (await nodeAt(made, node.url))?.id ?? undefined);
  await until(() => pool.members.some((one) => one.facts.id === id && one.isUsable));
  return { node, announcer, id };
}

/** Deploys a model that multiplies by 2; answers the address to ask. */
export async function deployOn(
  { world, first, server }: NodesWorld,
  name: string,
  minReplicas = 1,
): Promise<string> {
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
