import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  endAt,
  isKept,
  placeOfEnd,
  readRanges,
  stepFrom,
  writeRanges,
} from "@/components/charts/prepare/axis-range";
import { scaleAxis } from "@/components/charts/prepare/scale-axis";

const numbers = scaleAxis([0, 2, 5, 10], String);
const words = scaleAxis(["adam", "sgd", "lion"], String);

describe("what is kept of an axis", () => {
  it("goes through the address unharmed, whatever the axis and its words are called", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }),
          fc.record({ low: fc.string({ minLength: 1 }), high: fc.string() }),
        ),
        (ranges) => {
          expect(readRanges(writeRanges(ranges))).toEqual({ ...ranges });
        },
      ),
    );
  });

  it("leaves out what makes no sense in an address", () => {
    expect(readRanges(["", "p:lr", "p:lr=1", "p:lr=%~2", "p:lr=1~2"])).toEqual({
      "p:lr": { low: "1", high: "2" },
    });
  });

  it("counts both ends as inside, and nothing as outside", () => {
    const range = { low: "2", high: "5" };
    expect([0, 2, 3, 5, 10, null].map((value) => isKept(numbers, range, value))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isKept(numbers, { low: "", high: "" }, null)).toBe(true);
    expect(isKept(numbers, { low: "11", high: "" }, 10)).toBe(false);
  });

  it("keeps words by their place on the axis", () => {
    const range = { low: "", high: "lion" };
    expect(["adam", "lion", "sgd", ""].map((word) => isKept(words, range, word))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("is open at the very ends, a number or the nearest word between them", () => {
    expect([endAt(numbers, 0, "low"), endAt(numbers, 1, "high")]).toEqual(["", ""]);
    expect(endAt(numbers, 0.123456, "high")).toBe("1.23");
    expect(endAt(words, 0.6, "low")).toBe("lion");
    expect(placeOfEnd(numbers, { low: "5", high: "" }, "low")).toBe(0.5);
    expect(placeOfEnd(numbers, { low: "-5", high: "99" }, "low")).toBe(0);
    expect(placeOfEnd(numbers, undefined, "high")).toBe(1);
  });

  it("moves by a fiftieth of numbers and from word to word, never beyond the axis", () => {
    expect(stepFrom(numbers, 0.5, 1)).toBeCloseTo(0.52);
    expect(stepFrom(numbers, 0.99, 5)).toBe(1);
    expect(stepFrom(words, 0, 5)).toBe(0.5);
    expect(stepFrom(words, 0, -1)).toBe(0);
  });
});
