import { describe, expect, it } from "vitest";
import { waterfallScale, waterfallSteps } from "@/components/charts/prepare/waterfall";

const parts = [
  { label: "a", value: 1 },
  { label: "b", value: -3 },
  { label: "c", value: 0.5 },
  { label: "d", value: 0.25 },
];

describe("steps of a waterfall", () => {
  it("go from the base over the largest parts to the sum", () => {
    expect(waterfallSteps(2, parts, 10)).toEqual([
      { label: "Typical", from: 2, to: 2, value: 2, kind: "start" },
      { label: "b", from: 2, to: -1, value: -3, kind: "down" },
      { label: "a", from: -1, to: 0, value: 1, kind: "up" },
      { label: "c", from: 0, to: 0.5, value: 0.5, kind: "up" },
      { label: "d", from: 0.5, to: 0.75, value: 0.25, kind: "up" },
      { label: "This row", from: 0.75, to: 0.75, value: 0.75, kind: "end" },
    ]);
  });

  it("put what is not shown into one, unless that were a single part", () => {
    const steps = waterfallSteps(0, parts, 2);
    expect(steps.map(({ label, value }) => [label, value])).toEqual([
      ["Typical", 0],
      ["b", -3],
      ["a", 1],
      ["2 others", 0.75],
      ["This row", -1.25],
    ]);
    expect(waterfallSteps(0, parts, 3).map(({ label }) => label)).toContain("d");
  });

  it("have a scale that holds them all and is never empty", () => {
    expect(waterfallScale(waterfallSteps(2, parts, 10))).toEqual({ low: -1, high: 2 });
    expect(waterfallScale(waterfallSteps(2, [], 10))).toEqual({ low: 1.5, high: 2.5 });
  });
});
