import { afterAll, beforeAll, expect, it } from "vitest";
import { advanceRollOut, getDeployment, type NodePool } from "@/server/deployments";
import { deployModel, openPool, slopeModel } from "../deployments/support/deployed-world";
import { later, requestNext } from "../deployments/support/rolled-out-world";
import { type Answer, startLoad } from "../predictions/support/load";
import {
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { setSettings } from "../predictions/support/variants";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { endHarmedNode, HARMS, type HarmedNode, startHarmedNode } from "./support/harmed-nodes";

const CLIENTS = 6;
/** What the gateway waits for a node before it gives a request up. */
const TIMEOUT_MS = 1_000;
const RECOVERY_MS = 10_000;
const STEP_SECONDS = 10;

let world: TestWorld;
let workspace: TestWorkspace;
let key: string;
let both: [HarmedNode, HarmedNode];
let nodes: NodePool;
let server: PredictionServer;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  const start = () => startHarmedNode(world.artifactsFolder);
  both = await Promise.all([start(), start()]);
  nodes = openPool(
    both.map(({ url }) => url),
    world.objects,
  );
  Object.assign(workspace.as("admin").ports, { nodes, ownsReplicas: true });
  server = await startPredictionServer(world, nodes);
}, 240_000);
afterAll(async () => {
  await server.close();
  await nodes.close();
  for (const node of both ?? []) await endHarmedNode(node);
  await world.close();
});

const steps = [25, 50, 75].map((weight) => ({ weight, bakeSeconds: STEP_SECONDS }));
const STRATEGIES = [
  ["direct", {}],
  ["rolling", { steps }],
  ["blue_green", { bakeSeconds: 3 * STEP_SECONDS }],
  ["canary", { steps }],
  ["shadow", { bakeSeconds: 3 * STEP_SECONDS }],
] as const;

/** Version 1 on both nodes. */
async function serve(name: string) {
  const made = await deployModel(world, workspace, name, slopeModel(1));
  await asOwner(world.db.ownerUrl, "update deployments set max_replicas = 2 where id = $1", [
    made.deploymentId,
  ]);
  await setSettings(world, made.deploymentId, { routing: { timeoutMs: TIMEOUT_MS, retries: 1 } });
  await until(async () => {
    const states = await nodes.inspect({ workspaceId: workspace.id, versionId: made.versionId });
    return states.every((one) => one.loaded);
  });
  return made;
}

/** Until a good while has passed without an error. */
async function calm(answers: readonly Answer[]): Promise<void> {
  const seen = answers.length;
  await until(() => {
    const recent = answers.slice(seen).slice(-100);
    return recent.length === 100 && recent.every((one) => one.status === 200);
  }, 120_000);
}

const look = (name: string) => getDeployment(workspace.as("viewer"), { deployment: name });

it.each(STRATEGIES)(
  "%s: a node that is killed, freezes, is slow or cut off while versions change costs few requests, soon over",
  async (strategy, plan) => {
    const name = `chaos-${strategy}`;
    const made = await serve(name);
    const url = `${server.url}/api/v1/deployments/${name}/predict`;
    const load = startLoad({ url, key, clients: CLIENTS, body: { input: { a: 1, b: 0 } } });
    await until(() => load.answers.length > 50, 120_000);
    const asked = { strategy, plan: { ...plan, analysis: { isEnabled: false } } };
    const { ref } = await requestNext(world, workspace, made, 2, asked);
    const harmedAtMs: number[] = [];
    for (const [at, [, harm]] of HARMS.entries()) {
      harmedAtMs.push(Date.now());
      // The roll-out goes on while the node is harmed.
      const job = later(workspace.job(), at * (STEP_SECONDS + 1));
      await Promise.all([harm(both[0], TIMEOUT_MS), advanceRollOut(job, ref)]);
      await advanceRollOut(job, ref);
      const { variants } = await look(name);
      const active = variants.filter((one) => one.status === "active");
      expect(active.reduce((sum, one) => sum + one.weight, 0)).toBe(100);
      await calm(load.answers);
    }
    await until(async () => {
      const { isOver } = await advanceRollOut(later(workspace.job(), 100), ref);
      return isOver || (await look(name)).rollOut?.state === "awaiting_promotion";
    });
    const answers = await load.stop();
    const errors = answers.filter((one) => one.status !== 200);
    expect(errors.filter((one) => one.status !== 503 || !(Number(one.retryAfter) > 0))).toEqual([]);
    expect(errors.length).toBeLessThanOrEqual(6 * CLIENTS * HARMS.length);
    for (const { atMs } of errors) {
      const since = harmedAtMs.filter((one) => one <= atMs).map((one) => atMs - one);
      expect(Math.min(...since)).toBeLessThan(RECOVERY_MS);
    }
    const right = answers.filter((one) => one.status === 200);
    expect(right.filter((one) => one.body.predictions?.[0] !== one.body.modelVersion)).toEqual([]);
    expect((await look(name)).activeVersion?.versionNumber).toBe(strategy === "shadow" ? 1 : 2);
  },
  300_000,
);
