import { expect, it } from "vitest";
import { fieldsOf, isHeader, meantValue, outcomeOf } from "@/components/predictions/outcome-lines";
import { measuresOf, qualityLines } from "@/components/predictions/prepare-quality";
import type { PredictionQualityDto } from "@/server/predictions/quality/schemas";

const ID = "01970000-0000-7000-8000-000000000001";

it("takes a value as what it means, and text as text", () => {
  expect(meantValue("12.5")).toBe(12.5);
  expect(meantValue(" -1e3 ")).toBe(-1000);
  expect(meantValue("true")).toBe(true);
  expect(meantValue('["a", 1, null]')).toEqual(["a", 1, null]);
  expect(meantValue("[not json")).toBe("[not json");
  expect(meantValue("0x10")).toBe("0x10");
  expect(meantValue("yes")).toBe("yes");
});

it("reads lines of CSV with quotes, and says which line is wrong", () => {
  expect(fieldsOf('a,"b ""c"", d",')).toEqual(["a", 'b "c", d', ""]);
  expect(fieldsOf('a,"open')).toBeUndefined();
  expect(fieldsOf("a,b")).toEqual(["a", "b"]);
  expect(outcomeOf(fieldsOf(`${ID.toUpperCase()},yes`))).toEqual({ requestId: ID, outcome: "yes" });
  expect(outcomeOf(fieldsOf(`${ID},"[1, 2]",2026-03-01T10:00:00Z`))).toEqual({
    ...{ requestId: ID, outcome: [1, 2], at: "2026-03-01T10:00:00.000Z" },
  });
  for (const line of ["", "x,1", `${ID}`, `${ID},`, `${ID},1,soon`, `${ID},1,,4`, `${ID},"1`]) {
    expect(typeof outcomeOf(fieldsOf(line)), line).toBe("string");
  }
});

it("knows a header, also behind a byte order mark", () => {
  expect(isHeader(["\uFEFFrequest_id", "outcome"])).toBe(true);
  expect(isHeader(["Request ID", "label"])).toBe(true);
  expect(isHeader([ID, "yes"])).toBe(false);
});

it("draws a line a variant and a gap where nothing is known", () => {
  const point = (at: string, accuracy: number) => ({
    at,
    outcomes: 2,
    accuracy,
    mae: null,
    rmse: null,
  });
  const variant = (name: string, points: ReturnType<typeof point>[]) => ({
    ...{ variantId: ID, name, versionNumber: 1, outcomes: 4, accuracy: 0.5, mae: null, rmse: null },
    points,
  });
  const days = [1, 2, 3].map((day) => `2026-01-0${day}T00:00:00.000Z`) as [string, string, string];
  const quality: PredictionQualityDto = {
    ...{ from: days[0], to: days[2], slotSeconds: 86_400 },
    ...{ unread: [], completeFrom: days[0] },
    variants: [
      variant("old", [point(days[1], 0.25), point(days[0], 0.75)]),
      variant("new", [point(days[1], 1)]),
    ],
  };
  expect(measuresOf(quality)).toEqual(["accuracy"]);
  const { x, lines } = qualityLines(quality, "accuracy");
  expect(x).toEqual(days.map((day) => Date.parse(day) / 1000));
  expect(lines).toEqual([
    { label: "old", values: [0.75, 0.25, null] },
    { label: "new", values: [null, 1, null] },
  ]);
});
