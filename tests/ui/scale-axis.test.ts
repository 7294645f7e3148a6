import { describe, expect, it } from "vitest";
import { scaleAxis } from "@/components/charts/prepare/scale-axis";

const ends = (values: (number | string | null)[]) => {
  const scale = scaleAxis(values, String);
  return values.map(scale.place);
};

describe("an axis of a comparison", () => {
  it("lays numbers out in proportion, also when they come as text", () => {
    expect(ends([0, 5, 10])).toEqual([0, 0.5, 1]);
    expect(ends(["0", "5", "10"])).toEqual([0, 0.5, 1]);
  });

  it("takes the logarithm of positive numbers far apart", () => {
    const [low, middle, high] = ends(["0.0001", "0.01", "1"]);
    expect([low, high]).toEqual([0, 1]);
    expect(middle).toBeCloseTo(0.5);
  });

  it("gives words a place each, and nothing a gap", () => {
    expect(ends(["relu", "tanh", null, ""])).toEqual([0, 1, null, null]);
    expect(ends(["1", "auto"])).toEqual([0, 1]);
  });

  it("marks a few different numbers themselves, and many by even steps", () => {
    const labels = (values: number[]) => scaleAxis(values, String).ticks.map(({ label }) => label);
    expect(labels([3, 8, 4, 6, 8])).toEqual(["3", "4", "6", "8"]);
    expect(labels([0, 0.01, 1])).toEqual(["0", "0.25", "0.5", "0.75", "1"]);
  });

  it("puts a single value in the middle and keeps NaN off the axis", () => {
    expect(ends([3, 3])).toEqual([0.5, 0.5]);
    expect(scaleAxis([1, 2], String).place(Number.NaN)).toBeNull();
    const diverged = scaleAxis([1, Number.MAX_VALUE, Number.NaN, 3], String);
    expect(diverged.ticks.map(({ label }) => label)).toEqual(["1", "3"]);
    expect(diverged.place(Number.MAX_VALUE)).toBeNull();
  });

  it("gathers rare words when there are too many", () => {
    const words = Array.from({ length: 30 }, (_, i) => `w${String(i).padStart(2, "0")}`);
    const scale = scaleAxis(words, String);
    expect(scale.ticks).toHaveLength(12);
    expect(scale.place("w29")).toBe(1);
  });
});
