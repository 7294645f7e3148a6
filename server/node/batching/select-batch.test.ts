import fc from "fast-check";
import { expect, test } from "vitest";
import { selectBatch, waitBeforeRun } from "./select-batch";

const policy = { rowsMax: 8, rowsPreferred: [], delayMs: 0 };
const waiting = (rows: number, key: string | undefined = "", enqueuedAt = 0) => ({
  rows,
  key,
  enqueuedAt,
  deadline: 1e9,
});

test("everything that fits runs together, first come first", () => {
  const queue = [waiting(1), waiting(2), waiting(3)];
  expect(selectBatch(queue, policy)).toEqual(queue);
});

test("a request that does not fit is passed by smaller ones behind it", () => {
  const [a, b, c] = [waiting(5), waiting(4), waiting(3)];
  expect(selectBatch([a, b, c], policy)).toEqual([a, c]);
});

test("requests of another key wait for their own call", () => {
  const [a, b, c] = [waiting(1, "x"), waiting(1, "y"), waiting(1, "x")];
  expect(selectBatch([a, b, c], policy)).toEqual([a, c]);
});

test("without a key, or with a full first request, one runs alone", () => {
  const alone = { ...waiting(1), key: undefined };
  expect(selectBatch([alone, waiting(1)], policy)).toEqual([alone]);
  expect(selectBatch([waiting(8), waiting(1)], policy)).toHaveLength(1);
  expect(selectBatch([], policy)).toEqual([]);
});

test("the largest preferred size that is reached wins, else everything up to the limit", () => {
  const preferred = { ...policy, rowsPreferred: [2, 4] };
  const ones = (count: number) => Array.from({ length: count }, () => waiting(1));
  expect(selectBatch(ones(7), preferred)).toHaveLength(4);
  expect(selectBatch(ones(3), preferred)).toHaveLength(2);
  expect(selectBatch(ones(1), preferred)).toHaveLength(1);
  expect(selectBatch([waiting(3), waiting(3)], preferred)).toHaveLength(2);
});

test("a batch never exceeds the limit, always holds the first request and keeps the order", () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom("a", "b")), {
    minLength: 1,
  });
  fc.assert(
    fc.property(arrivals, fc.uniqueArray(fc.integer({ min: 1, max: 8 })), (list, preferred) => {
      const queue = list.map(([rows, key]) => waiting(rows, key));
      const batch = selectBatch(queue, { ...policy, rowsPreferred: preferred });
      expect(batch[0]).toBe(queue[0]);
      const rows = batch.reduce((sum, job) => sum + job.rows, 0);
      expect(rows <= policy.rowsMax || batch.length === 1).toBe(true);
      const positions = batch.map((job) => queue.indexOf(job));
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    }),
  );
});

test("an idle model waits only while the oldest is younger than the delay and the batch not full", () => {
  const delayed = { ...policy, rowsPreferred: [4], delayMs: 10 };
  expect(waitBeforeRun([waiting(1, "", 100)], delayed, 103)).toBe(7);
  expect(waitBeforeRun([waiting(1, "", 100)], delayed, 111)).toBe(0);
  expect(waitBeforeRun([waiting(4, "", 100)], delayed, 100)).toBe(0);
  expect(waitBeforeRun([waiting(8, "", 100)], delayed, 100)).toBe(0);
  expect(waitBeforeRun([waiting(1, "", 100)], policy, 100)).toBe(0);
});
