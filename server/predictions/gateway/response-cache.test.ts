import { expect, test } from "vitest";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { ResponseCache, requestKey } from "./response-cache";

const numbers = (name: string, ...data: number[]): Tensor => ({
  name,
  datatype: "FP64",
  shape: [1, data.length],
  data: Float64Array.from(data),
});
const keyOf = (...tensors: Tensor[]) => requestKey("v", tensors, undefined);
const limits = { nowMs: 0, ttlMs: 1_000, bytesMax: 10_000 };

test("the key is the meaning: tensors in any order, but nothing else alike", () => {
  const [a, b] = [numbers("a", 1, 2), numbers("b", 3)];
  expect(keyOf(a, b).digest).toBe(keyOf(b, a).digest);
  const others = [
    keyOf(a),
    keyOf(numbers("a", 1, 2.0000001), b),
    keyOf({ ...a, shape: [2, 1] }, b),
    keyOf({ ...a, datatype: "INT64", data: BigInt64Array.from([1n, 2n]) }, b),
    requestKey("w", [a, b], undefined),
    requestKey("v", [a, b], ["label"]),
    requestKey("v", [a, b], ["label", "probabilities"]),
  ];
  const digests = new Set([keyOf(a, b), ...others].map((key) => key.digest));
  expect(digests.size).toBe(others.length + 1);
});

test("an answer is kept for its time and no longer", () => {
  const cache = new ResponseCache<string>();
  const key = keyOf(numbers("a", 1));
  cache.put(key, "answer", 10, limits);
  expect(cache.get(key, 999)).toBe("answer");
  expect(cache.get(key, 1_000)).toBeUndefined();
  expect([cache.size, cache.bytes]).toEqual([0, 0]);
});

test("a digest that collides is no hit: the whole key is compared", () => {
  const cache = new ResponseCache<string>();
  const key = keyOf(numbers("a", 1));
  cache.put(key, "answer", 10, limits);
  const forged = { digest: key.digest, bytes: keyOf(numbers("a", 2)).bytes };
  expect(cache.get(forged, 0)).toBeUndefined();
});

test("bytes stay below the limit, the least recently used go first", () => {
  const cache = new ResponseCache<number>();
  const keys = Array.from({ length: 10 }, (_, at) => keyOf(numbers("a", at)));
  const [first, second] = keys;
  if (!first || !second) throw new Error("ten keys were made");
  const put = (at: number) => {
    const key = keys[at];
    if (key) cache.put(key, at, 1_000, { ...limits, bytesMax: 5_000 });
  };
  put(0);
  put(1);
  put(2);
  expect(cache.get(first, 0)).toBe(0);
  put(3);
  expect(cache.get(second, 0)).toBeUndefined();
  expect(cache.get(first, 0)).toBe(0);
  expect(cache.bytes).toBeLessThanOrEqual(5_000);
  cache.put(second, 1, 20_000, { ...limits, bytesMax: 5_000 });
  expect(cache.get(second, 0)).toBeUndefined();
  cache.shrink(0);
  expect([cache.size, cache.bytes]).toEqual([0, 0]);
});
