import { describe, expect, it } from "vitest";
import { addCounts, type Counts, type Facts } from "@/server/deployments/analysis/facts";
import { judge } from "@/server/deployments/analysis/judge";
import { type Decision, decide } from "@/server/deployments/roll-outs/decide";
import { planInput, planOf } from "@/server/deployments/roll-outs/plan";
import { seeded } from "../support/seeded";

interface Behavior {
  errorRate: number;
  slowRate: number;
  output: (draw: () => number) => number;
}

interface World {
  stable: Behavior;
  candidate: Behavior;
  /** A storm strikes both variants in this share of the strata. */
  stormShare?: number;
}

const PLAN = planOf("canary", planInput.parse({ bakeSeconds: 300, analysis: { alpha: 0.05 } }), 1);
const REQUESTS_A_STRATUM = 60;
const STRATUM_SECONDS = 10;

/** One roll-out with five looks a step, from first traffic to its end. */
function simulate(world: World, seed: number): Decision["action"] {
  const draw = seeded(seed);
  const strata: Facts["strata"] = [];
  const outputs: Facts["outputs"] = { stable: [], candidate: [] };
  let look = 0;
  for (const [step, { weight, bakeSeconds }] of PLAN.steps.entries()) {
    const from = strata.length;
    for (let second = STRATUM_SECONDS; second <= bakeSeconds; second += STRATUM_SECONDS) {
      strata.push(stratumOf(world, weight, draw, outputs));
      if (second % 60 !== 0) continue;
      const inStep = strata.slice(from);
      const facts: Facts = {
        strata,
        before: null,
        inStep: {
          stable: addCounts(inStep.map((one) => one.stable)).requests,
          candidate: addCounts(inStep.map((one) => one.candidate)).requests,
        },
        slowAboveMs: 20,
        outputs,
        paired: null,
        labels: null,
        look: ++look,
      };
      const readings = judge(facts, { ...PLAN.analysis, minRequests: 50 });
      const leftMs = (bakeSeconds - second) * 1000;
      const { action } = decide(PLAN, { state: "progressing", step, leftMs, readings });
      if (action !== "wait" && action !== "next") return action;
    }
  }
  return "wait";
}

function stratumOf(
  world: World,
  weight: number,
  draw: () => number,
  outputs: Facts["outputs"],
): Facts["strata"][number] {
  const isStorm = draw() < (world.stormShare ?? 0);
  const counts = { stable: empty(), candidate: empty() };
  for (let i = 0; i < REQUESTS_A_STRATUM; i++) {
    const who = draw() * 100 < weight ? "candidate" : "stable";
    const behavior = world[who];
    const one = counts[who];
    one.requests++;
    if (draw() < (isStorm ? 0.3 : behavior.errorRate)) {
      one.errors++;
      continue;
    }
    one.timed++;
    if (draw() < (isStorm ? 0.5 : behavior.slowRate)) one.slow++;
    if (outputs[who].length < 500) outputs[who].push(behavior.output(draw));
  }
  return counts;
}

const empty = (): { -readonly [K in keyof Counts]: Counts[K] } => ({
  requests: 0,
  errors: 0,
  timed: 0,
  slow: 0,
});

const sound: Behavior = { errorRate: 0.005, slowRate: 0.01, output: (draw) => draw() };
const rollOuts = (world: World, count: number) =>
  Array.from({ length: count }, (_, seed) => simulate(world, seed + 1));
const count = (actions: string[], which: string[]) =>
  actions.filter((one) => which.includes(one)).length;

describe("roll-outs, simulated with fixed seeds", () => {
  it("takes back or holds at most alpha of 1,000 versions that are the same", () => {
    const ends = rollOuts({ stable: sound, candidate: sound, stormShare: 0.02 }, 1000);
    expect(count(ends, ["roll_back", "pause"])).toBeLessThanOrEqual(50);
    expect(count(ends, ["promote"])).toBeGreaterThanOrEqual(950);
  }, 120_000);

  it.each([
    ["fails ten times as often", { ...sound, errorRate: 0.05 }],
    ["is slow six times as often", { ...sound, slowRate: 0.06 }],
  ])("takes back 95 of 100 versions when one %s", (_what, candidate: Behavior) => {
    const ends = rollOuts({ stable: sound, candidate }, 100);
    expect(count(ends, ["roll_back"])).toBeGreaterThanOrEqual(95);
  });

  it("holds every version whose predictions moved, and takes none of them back", () => {
    const moved = { ...sound, output: (draw: () => number) => draw() * 0.4 };
    const ends = rollOuts({ stable: sound, candidate: moved }, 50);
    expect(count(ends, ["pause"])).toBe(50);
  });
});
