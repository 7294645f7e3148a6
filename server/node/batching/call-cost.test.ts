import { expect, test } from "vitest";
import { CallCost, rowsWithin } from "./call-cost";

const costOf = (calls: readonly (readonly [rows: number, ms: number])[]) => {
  const cost = new CallCost();
  for (const [rows, ms] of calls) cost.note(rows, ms);
  return cost.fit();
};

test("says nothing before it has seen enough", () => {
  expect(costOf([])).toBeUndefined();
  expect(costOf(Array.from({ length: 7 }, (_, at) => [at + 1, at] as const))).toBeUndefined();
});

test("finds the line that calls lie on", () => {
  const fit = costOf(Array.from({ length: 20 }, (_, at) => [at + 1, 0.5 * (at + 1) + 3] as const));
  expect(fit?.perRowMs).toBeCloseTo(0.5, 9);
  expect(fit?.fixedMs).toBeCloseTo(3, 9);
});

test("agrees with the normal equations, solved in exact fractions, on noisy calls", () => {
  const fit = costOf([
    [1, 2.1],
    [2, 2.9],
    [4, 4.2],
    [8, 6.1],
    [16, 11.3],
    [32, 19.8],
    [64, 38.4],
    [3, 3.1],
    [5, 4.4],
    [48, 28.7],
  ]);
  expect(fit?.perRowMs).toBeCloseTo(0.570796162, 6);
  expect(fit?.fixedMs).toBeCloseTo(1.654430238, 6);
});

test("forgets what is older than fifty calls", () => {
  const old = Array.from({ length: 50 }, (_, at) => [at + 1, 100 * (at + 1)] as const);
  const recent = Array.from({ length: 50 }, (_, at) => [at + 1, 0.1 * (at + 1) + 1] as const);
  const fit = costOf([...old, ...recent]);
  expect(fit?.perRowMs).toBeCloseTo(0.1, 6);
  expect(fit?.fixedMs).toBeCloseTo(1, 6);
});

test("calls of one size, and a line that falls, count by the row", () => {
  const same = costOf(Array.from({ length: 10 }, () => [4, 2] as const));
  expect(same).toEqual({ perRowMs: 0.5, fixedMs: 0 });
  const falling = costOf(Array.from({ length: 10 }, (_, at) => [at + 1, 10 - at] as const));
  expect(falling).toEqual({ perRowMs: 1, fixedMs: 0 });
});

test("the largest call within a budget has at least one row and at most the limit", () => {
  const fit = { perRowMs: 0.5, fixedMs: 3 };
  expect(rowsWithin(fit, 50, 256)).toBe(94);
  expect(rowsWithin(fit, 50, 64)).toBe(64);
  expect(rowsWithin(fit, 3.2, 256)).toBe(1);
  expect(rowsWithin({ perRowMs: 400, fixedMs: 0 }, 50, 256)).toBe(1);
});
