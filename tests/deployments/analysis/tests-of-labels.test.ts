import { describe, expect, it } from "vitest";
import type { Facts, Outcome } from "@/server/deployments/analysis/facts";
import { judge } from "@/server/deployments/analysis/judge";
import { mannWhitney } from "@/server/deployments/analysis/mann-whitney";
import { planInput } from "@/server/deployments/roll-outs/plan";
import { seeded } from "../support/seeded";

describe("the test of Mann and Whitney", () => {
  const a = [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0];
  const b = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8];

  it("is scipy's mannwhitneyu, one-sided, by the normal approximation", () => {
    // scipy 1.17.1, alternative "greater", method "asymptotic".
    expect(mannWhitney(a, b)?.pValue).toBeCloseTo(0.9669590420416482, 12);
    expect(mannWhitney(b, a)?.pValue).toBeCloseTo(0.041561468479951666, 12);
    expect(mannWhitney(b, a)?.largerShare).toBe(49 / 64);
  });

  it("corrects for ties as scipy does", () => {
    const x = Array.from({ length: 300 }, (_, i) => (i * 37) % 60);
    const y = Array.from({ length: 250 }, (_, i) => ((i * 53) % 50) + 14);
    const found = mannWhitney(x, y);
    expect((found?.pValue ?? 0) / 1.299561544326584e-9).toBeCloseTo(1, 9);
    expect(found?.largerShare).toBeCloseTo(0.6473333333333333, 12);
  });

  it("holds without values and where all are the same", () => {
    expect(mannWhitney([], [1])).toBeNull();
    expect(mannWhitney([2, 2, 2], [2, 2])).toMatchObject({ pValue: 1, largerShare: 0.5 });
  });
});

const settings = planInput.parse({ analysis: { alpha: 0.05 } }).analysis;
const base: Facts = {
  strata: [],
  before: null,
  inStep: { stable: 0, candidate: 0 },
  slowAboveMs: null,
  outputs: { stable: [], candidate: [] },
  paired: null,
  labels: null,
  look: 1,
};
const labelsOf = (outcomes: Outcome[], isClass: boolean, before: Outcome[] | null = null) =>
  judge({ ...base, labels: { isClass, outcomes, before } }, settings).find(
    (one) => one.metric === "label_quality",
  );

/** Outcomes of both sides as they are told, a fifth of them the candidate's. */
function told(
  count: number,
  seed: number,
  errorOf: (isCandidate: boolean, draw: () => number) => number,
): Outcome[] {
  const draw = seeded(seed);
  return Array.from({ length: count }, (_, at) => {
    const isCandidate = draw() < 0.2;
    return { toldMs: at * 100, isCandidate, error: errorOf(isCandidate, draw) };
  });
}
const wrong = (stable: number, candidate: number) => (isCandidate: boolean, draw: () => number) =>
  Number(draw() < (isCandidate ? candidate : stable));
const off = (times: number) => (isCandidate: boolean, draw: () => number) =>
  -Math.log(1 - draw()) * (isCandidate ? times : 1);
const verdicts = (count: number, make: (seed: number) => Outcome[], isClass: boolean) =>
  Array.from({ length: count }, (_, seed) => labelsOf(make(seed + 1), isClass)?.verdict);
const fails = (list: (string | undefined)[]) => list.filter((one) => one === "fail").length;

describe("outcomes", () => {
  it("are not judged where the plan says so, and too few hold nothing up", () => {
    expect(judge(base, settings).map((one) => one.metric)).not.toContain("label_quality");
    expect(labelsOf([], true)).toMatchObject({
      verdict: "pass",
      message: expect.stringContaining("compared from 50 of each, and nothing waits"),
    });
    expect(labelsOf(told(60, 1, wrong(0, 1)), true)?.verdict).toBe("pass");
  });

  it("take back a version that predicts more classes wrong, and none that is as good", () => {
    expect(fails(verdicts(50, (seed) => told(1_500, seed, wrong(0.05, 0.25)), true))).toBe(50);
    expect(fails(verdicts(200, (seed) => told(1_500, seed, wrong(0.1, 0.1)), true))).toBeLessThan(
      3,
    );
    const { message } = labelsOf(told(1_500, 1, wrong(0.05, 0.25)), true) ?? {};
    expect(message).toMatch(/% of \d+ outcomes were predicted wrong, .* the new version is worse/);
  });

  it("take back a version whose numbers are further off, and none that is as good", () => {
    expect(fails(verdicts(50, (seed) => told(1_500, seed, off(2)), false))).toBe(50);
    expect(fails(verdicts(200, (seed) => told(1_500, seed, off(1)), false))).toBeLessThan(3);
    expect(labelsOf(told(1_500, 1, off(2)), false)?.message).toMatch(
      /^Errors of .* over \d+ outcomes.*the new version is worse \(p/,
    );
  });

  it("hold a version that answers alone against the past of the one before", () => {
    const past = told(1_000, 3, wrong(0.05, 0.05)).map((one) => ({ ...one, isCandidate: false }));
    const alone = (share: number) =>
      told(600, 4, wrong(share, share)).map((one) => ({ ...one, isCandidate: true }));
    expect(labelsOf(alone(0.3), true, past)?.verdict).toBe("fail");
    expect(labelsOf(alone(0.05), true, past)?.verdict).toBe("pass");
  });
});
