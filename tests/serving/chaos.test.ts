import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NodePool } from "@/server/deployments";
import {
  addVersion,
  deployModel,
  openPool,
  slopeModel,
} from "../deployments/support/deployed-world";
import { startLoad } from "../predictions/support/load";
import {
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { addVariant, setSettings } from "../predictions/support/variants";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { endHarmedNode, HARMS, type HarmedNode, startHarmedNode } from "./support/harmed-nodes";

const CLIENTS = 8;
/** What the gateway waits for a node before it gives a request up. */
const TIMEOUT_MS = 1_500;
const RECOVERY_MS = 10_000;

let world: TestWorld;
let workspace: TestWorkspace;
let key: string;
let both: [HarmedNode, HarmedNode];
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  const start = () => startHarmedNode(world.artifactsFolder);
  both = await Promise.all([start(), start()]);
}, 240_000);
afterAll(async () => {
  for (const node of both ?? []) await endHarmedNode(node);
  await world.close();
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A deployment on two nodes, of one version or with a canary, and its gateway. */
async function serve(name: string, canaryWeight: number) {
  const nodes: NodePool = openPool(
    both.map(({ url }) => url),
    world.objects,
  );
  workspace.as("admin").ports.nodes = nodes;
  const made = await deployModel(world, workspace, name, slopeModel(2));
  await asOwner(world.db.ownerUrl, "update deployments set max_replicas = 2 where id = $1", [
    made.deploymentId,
  ]);
  if (canaryWeight > 0) {
    const versionId = await addVersion(workspace.as("admin"), made.modelId, slopeModel(3));
    await addVariant(world, made.deploymentId, { versionId, name: "v2", weight: canaryWeight });
  }
  const routing = { timeoutMs: TIMEOUT_MS, retries: 1 };
  await setSettings(world, made.deploymentId, { routing });
  const server: PredictionServer = await startPredictionServer(world, nodes);
  closers.push(async () => {
    await server.close();
    await nodes.close();
  });
  return { ...made, server };
}

async function countedRequests(deploymentId: string): Promise<number> {
  const [row] = await asOwner<{ requests: string }>(
    world.db.ownerUrl,
    `select coalesce(sum(requests), 0) as requests from prediction_counts
     where deployment_id = $1 and seconds = 60`,
    [deploymentId],
  );
  return Number(row?.requests);
}

/** Keeps requests coming while `harm` is done to a node, and tells what callers saw. */
async function underLoad(name: string, canaryWeight: number, harm: (typeof HARMS)[number][1]) {
  const { server, deploymentId } = await serve(name, canaryWeight);
  const url = `${server.url}/api/v1/deployments/${name}/predict`;
  const load = startLoad({ url, key, clients: CLIENTS, body: { input: { a: 1, b: 0 } } });
  await until(() => load.answers.length > 50, 120_000);
  const harmedAtMs = Date.now();
  await harm(both[0], TIMEOUT_MS);
  const seen = load.answers.length;
  // Over when a good while has passed without an error.
  await until(() => {
    const recent = load.answers.slice(seen).slice(-100);
    return recent.length === 100 && recent.every((one) => one.status === 200);
  }, 120_000);
  const answers = await load.stop();
  await server.gateway.logs.flush();
  const errors = answers.filter((one) => one.status !== 200);
  return { answers, errors, harmedAtMs, counted: await countedRequests(deploymentId) };
}

describe.each([
  ["all traffic on one version", 0],
  ["a canary", 30],
])("with %s, while one of two nodes", (_, canaryWeight) => {
  it.each(HARMS)(
    "%s: few errors, soon over, every answer counted",
    async (what, harm) => {
      const name = `chaos-${canaryWeight}-${what.split(" ").slice(0, 2).join("-")}`;
      const { answers, errors, harmedAtMs, counted } = await underLoad(name, canaryWeight, harm);
      expect(new Set(errors.map((one) => one.status))).toEqual(new Set(errors.length ? [503] : []));
      for (const one of errors) expect(Number(one.retryAfter)).toBeGreaterThan(0);
      // What was at the node when it fell, and what found out about it.
      expect(errors.length).toBeLessThanOrEqual(6 * CLIENTS);
      expect(Math.max(0, ...errors.map((one) => one.atMs - harmedAtMs))).toBeLessThan(RECOVERY_MS);
      expect(counted).toBe(answers.length);
    },
    120_000,
  );
});
