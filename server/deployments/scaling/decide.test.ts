import fc from "fast-check";
import { expect, test } from "vitest";
import { scalingSettings } from "../settings/scaling";
import { decideReplicas, type ScalingFacts } from "./decide";

const NOW_MS = 1_000_000;
const facts = (some: Partial<ScalingFacts>): ScalingFacts => ({
  current: 1,
  stable: 0,
  panic: 0,
  ready: 1,
  idleSeconds: 0,
  isRollingOut: false,
  capacity: 100,
  panicState: { sinceMs: null, replicas: 0 },
  ...some,
});
const settings = (some: object = {}) => scalingSettings.parse({ isEnabled: true, ...some });
const decide = (some: Partial<ScalingFacts>, how: object = {}) =>
  decideReplicas(facts(some), settings(how), NOW_MS);

test("70 % of the target is aimed at", () => {
  const how = { target: 10, maxReplicas: 100 };
  expect(decide({ stable: 7, panic: 7 }, how).replicas).toBe(1);
  expect(decide({ stable: 7.1, panic: 7.1 }, how).replicas).toBe(2);
  expect(decide({ stable: 70, panic: 70 }, how).replicas).toBe(10);
});

test("the reason tells the figures decided by", () => {
  const { reason } = decide({ stable: 12.34, panic: 0 }, { metric: "rps", target: 100 });
  expect(reason).toBe("12.3 requests a second over 60 s, 70 aimed at a replica.");
  expect(decide({ stable: 2, panic: 96 }).reason).toBe(
    "96 requests at once over 6 s, 7 aimed at a replica.",
  );
});

test("the last replica goes after the idle time and not before, and only where 0 is allowed", () => {
  const how = { minReplicas: 0, scaleToZeroAfterSeconds: 300 };
  expect(decide({ idleSeconds: 299 }, how).replicas).toBe(1);
  expect(decide({ idleSeconds: 300 }, how)).toMatchObject({
    replicas: 0,
    reason: "No request for 5 minutes.",
  });
  expect(decide({ idleSeconds: 9_999 }, { minReplicas: 1 }).replicas).toBe(1);
  expect(decide({ idleSeconds: 300, stable: 0.01 }, how).replicas).toBe(1);
});

test("while a version is rolled out one replica stays", () => {
  const how = { minReplicas: 0 };
  expect(decide({ idleSeconds: 9_999, isRollingOut: true }, how).replicas).toBe(1);
  expect(decide({ current: 0, isRollingOut: true }, how).replicas).toBe(1);
});

test("an idle deployment stays idle until requests come", () => {
  expect(decide({ current: 0, idleSeconds: 1 }, { minReplicas: 0 }).replicas).toBe(0);
  expect(decide({ current: 0, stable: 0.1 }, { minReplicas: 0 }).replicas).toBe(1);
  expect(decide({ current: 0 }, { minReplicas: 2 }).replicas).toBe(2);
});

test("no more is wanted than can be had, and the reason says so", () => {
  const made = decide({ stable: 70, panic: 70, capacity: 2 }, { maxReplicas: 20 });
  expect(made.replicas).toBe(2);
  expect(made.reason).toMatch(/10 would be wanted, but there are no more nodes/);
});

test("never outside of the bounds, whatever is measured", () => {
  const number = (max: number) => fc.double({ min: 0, max, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({
        current: fc.integer({ min: 0, max: 100 }),
        stable: number(1e6),
        panic: number(1e6),
        ready: fc.integer({ min: 0, max: 100 }),
        idleSeconds: number(1e6),
        isRollingOut: fc.boolean(),
        capacity: fc.constantFrom(0, 1, 5, 100, Number.POSITIVE_INFINITY),
        panicState: fc.record({
          sinceMs: fc.option(fc.integer({ min: 0, max: NOW_MS }), { nil: null }),
          replicas: fc.integer({ min: 0, max: 1_000 }),
        }),
      }),
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 50 }),
      number(1e5).map((value) => value + 0.1),
      (some, minReplicas, more, target) => {
        const maxReplicas = Math.max(1, minReplicas + more);
        const { replicas, panicState } = decide(some, { minReplicas, maxReplicas, target });
        expect(Number.isInteger(replicas)).toBe(true);
        expect(replicas).toBeGreaterThanOrEqual(minReplicas);
        expect(replicas).toBeLessThanOrEqual(maxReplicas);
        expect(panicState.replicas).toBeLessThanOrEqual(maxReplicas);
      },
    ),
  );
});
