import fc from "fast-check";
import { expect, test } from "vitest";
import { BUCKETS, bucketOf, spreadBuckets } from "./assign-unit";

const ids = ["01-stable", "02-candidate", "03-other"] as const;
const spread = (...weights: number[]) =>
  spreadBuckets(weights.map((weight, at) => ({ id: ids[at] ?? "", weight })));
const countOf = (owners: Uint16Array, share: number) =>
  owners.reduce((sum, owner) => sum + Number(owner === share), 0);
const movedBetween = (before: Uint16Array, after: Uint16Array) =>
  before.reduce((sum, owner, at) => sum + Number(owner !== after[at]), 0);

test("buckets are those of hashlib.sha256 over 'deployment:unit'", () => {
  const golden = [
    ["0198a000-0000-7000-8000-000000000001", "user-1", 7031],
    ["0198a000-0000-7000-8000-000000000001", "user-2", 416],
    ["0198a000-0000-7000-8000-000000000002", "user-1", 8085],
    ["0198a000-0000-7000-8000-000000000001", "größe-✓", 5364],
  ] as const;
  for (const [deployment, unit, bucket] of golden) expect(bucketOf(deployment, unit)).toBe(bucket);
});

test("units spread evenly over the buckets", () => {
  const cells = new Array<number>(100).fill(0);
  for (let unit = 0; unit < 20_000; unit++) {
    const cell = Math.floor(bucketOf("d", `unit-${unit}`) / 100);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const chiSquare = cells.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
  // The 99.9 % point of chi-square with 99 degrees of freedom.
  expect(chiSquare).toBeLessThan(148.23);
});

test("each share has exactly its weight of the buckets", () => {
  const owners = spread(70, 20, 10);
  expect([0, 1, 2].map((share) => countOf(owners, share))).toEqual([7_000, 2_000, 1_000]);
  expect(countOf(spread(100, 0), 0)).toBe(BUCKETS);
  expect(countOf(spread(0, 100), 1)).toBe(BUCKETS);
});

test("a canary that grows keeps its units, and only as many move as its weight says", () => {
  const steps = [1, 5, 20, 50, 100].map((weight) => spread(100 - weight, weight));
  steps.reduce((before, after) => {
    before.forEach((owner, bucket) => {
      if (owner === 1) expect(after[bucket]).toBe(1);
    });
    expect(movedBetween(before, after)).toBe(countOf(after, 1) - countOf(before, 1));
    return after;
  });
});

test("with more shares, little more moves than has to", () => {
  const weight = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(weight, weight, weight, (first, second, other) => {
      const before = spread(100 - first - other, first, other);
      const after = spread(100 - second - other, second, other);
      const least = Math.abs(first - second) * 100;
      expect(movedBetween(before, after)).toBeLessThanOrEqual(Math.ceil(least * 2));
    }),
    { numRuns: 30 },
  );
});
