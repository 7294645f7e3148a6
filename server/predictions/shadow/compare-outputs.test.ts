import { expect, test } from "vitest";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { compareOutputs } from "./compare-outputs";

const numbers = (name: string, ...data: number[]): Tensor => ({
  name,
  datatype: "FP64",
  shape: [data.length],
  data: Float64Array.from(data),
});
const labels = (...data: bigint[]): Tensor => ({
  name: "label",
  datatype: "INT64",
  shape: [data.length],
  data: BigInt64Array.from(data),
});
const words = (...data: string[]): Tensor => ({
  name: "label",
  datatype: "BYTES",
  shape: [data.length],
  data,
});

test("the same answers are equal, whatever the order of outputs", () => {
  const [score, label] = [numbers("score", 1, Number.NaN, -0), labels(1n, 2n, 3n)];
  expect(compareOutputs([score, label], [label, score])).toEqual({
    rows: 3,
    isEqual: true,
    flips: 0,
    difference: 0,
  });
});

test("the largest difference of any number counts, and flipped labels by the row", () => {
  const sent = [numbers("score", 1, 2, 3), labels(1n, 2n, 3n)];
  const shadow = [numbers("score", 1, 2.5, 2), labels(1n, 0n, 0n)];
  expect(compareOutputs(sent, shadow)).toEqual({
    rows: 3,
    isEqual: false,
    flips: 2,
    difference: 1,
  });
});

test("texts flip, as strings and as bytes", () => {
  const bytes: Tensor = { ...words("a", "b"), data: ["a", "c"].map((one) => Buffer.from(one)) };
  expect(compareOutputs([words("a", "b")], [bytes])).toMatchObject({ flips: 1, isEqual: false });
});

test("an output that is missing, of another length or no number is infinitely different", () => {
  const sent = [numbers("score", 1)];
  for (const shadow of [[], [numbers("other", 1)], [numbers("score", 1, 2)]]) {
    expect(compareOutputs(sent, shadow)).toMatchObject({ isEqual: false, difference: Infinity });
  }
  expect(compareOutputs(sent, [numbers("score", Number.NaN)]).difference).toBe(Infinity);
});
