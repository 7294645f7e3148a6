import fc from "fast-check";
import { expect, it } from "vitest";
import { LATENCY_BUCKETS, latencyBucket, latencyQuantileMs } from "./latency-histogram";

const countsOf = (latencies: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const us of latencies) {
    counts.set(latencyBucket(us), (counts.get(latencyBucket(us)) ?? 0) + 1);
  }
  return counts;
};

it("keeps buckets in order and within their number, from nothing to an hour", () => {
  let before = 0;
  for (let us = 0; us < 3.6e9; us = us * 1.01 + 1) {
    const at = latencyBucket(us);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThan(LATENCY_BUCKETS);
    before = at;
  }
  expect(before).toBe(LATENCY_BUCKETS - 1);
});

it("answers quantiles in the bucket of the exact one, so within 19 % of it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 60, max: 50_000_000 }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (latencies, q) => {
        const sorted = [...latencies].sort((a, b) => a - b);
        const exactMs = (sorted[Math.ceil(q * sorted.length) - 1] ?? 0) / 1000;
        const read = latencyQuantileMs(countsOf(latencies), q) ?? 0;
        expect(read / exactMs).toBeGreaterThan(1 / 1.19);
        expect(read / exactMs).toBeLessThan(1.19);
      },
    ),
  );
});

it("answers null where nothing was counted", () => {
  expect(latencyQuantileMs(new Map(), 0.5)).toBeNull();
});
