import fc from "fast-check";
import { expect, test } from "vitest";
import { KPA, type KpaRule, kpa, type PanicState } from "./kpa";

const CALM: PanicState = { sinceMs: null, replicas: 0 };
const WINDOW_MS = 60_000;
const ruleOf = (targetValue: number, rule: Partial<KpaRule> = {}): KpaRule => ({
  ...KPA,
  maxScaleUpRate: 10,
  targetValue,
  stableWindowMs: WINDOW_MS,
  ...rule,
});

test("decides as Knative's own suite does, outside of a panic", () => {
  // stable, panic, ready, target → desired.
  const golden = [
    [50, 10, 1, 10, 5],
    [100, 10, 8, 10, 10],
    [50, 50, 8, 10, 5],
    [1, 0, 1, 10, 1],
    [0, 0, 1, 10, 0],
  ] as const;
  for (const [stable, panic, ready, target, desired] of golden) {
    expect(kpa({ stable, panic, ready }, ruleOf(target), CALM, 0).desired).toBe(desired);
  }
});

test("one more replica is always possible, however slowly it may grow", () => {
  const rule = ruleOf(1, { maxScaleUpRate: 1.1, panicThreshold: 100 });
  expect(kpa({ stable: 3, panic: 3, ready: 2 }, rule, CALM, 0).desired).toBe(3);
});

test("at most half of the replicas go at once", () => {
  expect(kpa({ stable: 1, panic: 1, ready: 100 }, ruleOf(1), CALM, 0).desired).toBe(50);
  expect(kpa({ stable: 1, panic: 1, ready: 51 }, ruleOf(1), CALM, 0).desired).toBe(25);
});

test("a panic that is not fed ends after a stable window", () => {
  const rule = ruleOf(1);
  const jump = kpa({ stable: 11, panic: 25, ready: 10 }, rule, CALM, 0);
  expect(jump).toEqual({ desired: 25, panic: { sinceMs: 0, replicas: 25 } });
  const later = kpa({ stable: 30, panic: 41, ready: 40 }, rule, jump.panic, WINDOW_MS / 2);
  expect(later).toEqual({ desired: 41, panic: { sinceMs: 0, replicas: 41 } });
  const end = kpa({ stable: 50, panic: 56, ready: 55 }, rule, later.panic, WINDOW_MS + 2_000);
  expect(end).toEqual({ desired: 50, panic: CALM });
});

test("load that goes on surging makes the panic last", () => {
  const rule = ruleOf(1);
  const jump = kpa({ stable: 11, panic: 25, ready: 10 }, rule, CALM, 0);
  const later = kpa({ stable: 30, panic: 80, ready: 40 }, rule, jump.panic, WINDOW_MS / 2);
  expect(later).toEqual({ desired: 80, panic: { sinceMs: WINDOW_MS / 2, replicas: 80 } });
});

test("load that grows sixfold each step is followed up to the rate of growth, and kept in the panic", () => {
  const rule = ruleOf(1);
  let panic = CALM;
  let ready = 1;
  for (const load of [6, 36, 216, 1_296]) {
    const made = kpa({ stable: load, panic: load, ready }, rule, panic, 0);
    expect(made.desired).toBe(load);
    panic = made.panic;
    ready = load;
  }
  expect(kpa({ stable: 1_296, panic: 1_296, ready: 1_296 }, rule, panic, 1_000).desired).toBe(
    1_296,
  );
});

const loads = fc.record({
  stable: fc.double({ min: 0, max: 5_000, noNaN: true }),
  panic: fc.double({ min: 0, max: 5_000, noNaN: true }),
  ready: fc.integer({ min: 0, max: 100 }),
});
const states = fc.record({
  sinceMs: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: null }),
  replicas: fc.integer({ min: 0, max: 100 }),
});
const targets = fc.double({ min: 0.1, max: 1_000, noNaN: true });
const rule = (targetValue: number) => ruleOf(targetValue, { maxScaleUpRate: 1_000 });

test("more load never wants fewer replicas", () => {
  fc.assert(
    fc.property(loads, states, targets, fc.double({ min: 1, max: 9, noNaN: true }), (...of) => {
      const [load, state, target, factor] = of;
      const more = { ...load, stable: load.stable * factor, panic: load.panic * factor };
      const less = kpa(load, rule(target), state, 100_000).desired;
      expect(kpa(more, rule(target), state, 100_000).desired).toBeGreaterThanOrEqual(less);
    }),
  );
});

test("in a panic replicas are never given up", () => {
  fc.assert(
    fc.property(fc.array(loads, { minLength: 2, maxLength: 30 }), targets, (series, target) => {
      let state = CALM;
      let before = 0;
      for (const load of series) {
        const wasPanic = state.sinceMs !== null;
        const made = kpa(load, rule(target), state, 1_000);
        if (wasPanic) expect(made.desired).toBeGreaterThanOrEqual(before);
        state = made.panic;
        before = made.desired;
      }
    }),
  );
});
