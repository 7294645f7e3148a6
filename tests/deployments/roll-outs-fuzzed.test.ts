import { afterAll, beforeAll, expect, it } from "vitest";
import {
  abortRollOut,
  advanceRollOut,
  beginRollOut,
  deployVersion,
  getDeployment,
  listRollOuts,
  loadVersion,
  pauseRollOut,
  promoteRollOut,
  resumeRollOut,
  rollBackDeployment,
  setTraffic,
} from "@/server/deployments";
import { deploymentDetailDto } from "@/server/deployments/schemas";
import type { Context } from "@/server/kernel/context";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "./support/deployed-world";
import { seeded } from "./support/seeded";

const OPERATIONS = 160;
const STRATEGIES = ["direct", "rolling", "blue_green", "canary", "shadow"] as const;

let world: DeployedWorld;
let a: TestWorkspace;
let made: Deployed;
const versions: string[] = [];
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  made = await deployModel(world, a, "fuzzed");
  versions.push(made.versionId);
  for (const slope of [2, 3, 4]) {
    versions.push(await addVersion(a.as("admin"), made.modelId, slopeModel(slope)));
  }
});
afterAll(() => world.close());

/** What must hold after every committed change. */
async function check(what: string): Promise<void> {
  const detail = await getDeployment(a.as("viewer"), { deployment: "fuzzed" });
  expect(deploymentDetailDto.safeParse(detail).error, what).toBeUndefined();
  const active = detail.variants.filter((one) => one.status === "active");
  const sum = active.reduce((total, one) => total + one.weight, 0);
  expect(sum, `${what}: ${JSON.stringify(active)}`).toBe(100);
  expect(
    active.filter((one) => one.role === "shadow" && one.weight > 0),
    what,
  ).toEqual([]);
  const { items } = await listRollOuts(a.as("viewer"), { deployment: "fuzzed", limit: 200 });
  const live = ["progressing", "paused", "awaiting_promotion"];
  const moving = items.filter((one) => live.includes(one.state));
  const candidates = active.filter((one) => one.role !== "stable").map((one) => one.id);
  expect(candidates, what).toEqual(moving.map((one) => one.variantId));
}

it("keeps one whole traffic table through any order of what people and background work do", async () => {
  const draw = seeded(11);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(draw() * list.length)];
  const ctx = a.as("admin");
  let elapsed = 0;
  // A clock of its own: how fast the machine is changes nothing.
  const begun = Date.now();
  const at = (base: Context): Context => ({
    ...base,
    now: () => new Date(begun + elapsed * 1000),
  });
  const done = new Map<string, number>();
  const newest = async () => (await listRollOuts(ctx, { deployment: "fuzzed", limit: 3 })).items;
  const onRollOut = async (
    verb: (
      context: Context,
      input: { deployment: string; rollOut: string; to?: "end" | "next_step" },
    ) => Promise<unknown>,
  ) => {
    const items = await newest();
    // Mostly the one under way, at times one that is over.
    const rollOut = draw() < 0.8 ? items[0] : pick(items);
    const to = draw() < 0.7 ? "next_step" : "end";
    const extra = verb === promoteRollOut ? ({ to } as const) : {};
    if (rollOut) await verb(at(ctx), { deployment: "fuzzed", rollOut: rollOut.id, ...extra });
  };
  const operations: Record<string, () => Promise<unknown>> = {
    deploy: () =>
      deployVersion(at(ctx), {
        model: made.modelId,
        versionId: pick(versions) ?? "",
        name: "fuzzed",
        environment: "production",
        strategy: pick(STRATEGIES) ?? "direct",
        plan: { bakeSeconds: 120, analysis: { isEnabled: false } },
      }),
    advance: async () => {
      elapsed += Math.floor(draw() * 30);
      for (const rollOut of await newest()) {
        const ref = { deploymentId: made.deploymentId, variantId: rollOut.variantId };
        const job = at(a.job());
        const { proceed } = await beginRollOut(job, ref);
        if (!proceed) continue;
        await loadVersion(job, ref);
        await advanceRollOut(job, ref);
      }
    },
    pause: () => onRollOut(pauseRollOut),
    resume: () => onRollOut(resumeRollOut),
    promote: () => onRollOut(promoteRollOut),
    abort: () => onRollOut(abortRollOut),
    rollBack: () => rollBackDeployment(at(ctx), { deployment: "fuzzed" }),
    setTraffic: async () => {
      const { variants } = await getDeployment(ctx, { deployment: "fuzzed" });
      const active = variants.filter((one) => one.status === "active").slice(0, 2);
      const weight = Math.floor(draw() * 101);
      const traffic = active.map((one, index) => ({
        variant: one.id,
        weight: active.length === 1 ? 100 : index === 0 ? weight : 100 - weight,
      }));
      await setTraffic(at(ctx), { deployment: "fuzzed", traffic });
    },
  };
  const names = Object.keys(operations).flatMap((name) =>
    Array.from({ length: { advance: 4, deploy: 2 }[name] ?? 1 }, () => name),
  );
  for (let i = 0; i < OPERATIONS; i++) {
    const name = pick(names) ?? "advance";
    elapsed++;
    try {
      await operations[name]?.();
      done.set(name, (done.get(name) ?? 0) + 1);
    } catch (error) {
      const code = (error as { code?: string }).code;
      expect(["conflict", "not_found"], `${i} ${name}: ${String(error)}`).toContain(code);
    }
    await check(`${i} ${name}`);
  }
  // Each operation came about, not only its refusal.
  expect([...done.keys()].sort()).toEqual(Object.keys(operations).sort());
  const [row] = await asOwner<{ states: number }>(
    world.db.ownerUrl,
    "select count(distinct state)::int as states from roll_outs where deployment_id = $1",
    [made.deploymentId],
  );
  expect(row?.states ?? 0).toBeGreaterThanOrEqual(3);
}, 120_000);
