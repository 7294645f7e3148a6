import { expect, it } from "vitest";
import { measureText } from "@/components/registry/gate-report";
import { reviewersText } from "@/components/registry/stage-words";

it("never rounds away the difference between a measured value and its bound", () => {
  expect(measureText(0.90004)).toBe("0.90004");
  expect(measureText(0.9)).toBe("0.9");
  expect(measureText(12)).toBe("12");
  expect(measureText(null)).toBe("–");
  expect(measureText("1.2.0-rc.1")).toBe("1.2.0-rc.1");
  expect(measureText("a".repeat(64))).toBe(`${"a".repeat(12)}…`);
});

it("says how many approvals a stage needs, and from whom", () => {
  expect(reviewersText({ count: 1, roles: [], people: [] })).toBe("1 approval");
  expect(reviewersText({ count: 2, roles: ["ml_engineer", "admin"], people: [] })).toBe(
    "2 approvals from ml engineer, admin",
  );
  expect(reviewersText({ count: 1, roles: ["operator"], people: ["a", "b"] })).toBe(
    "1 approval from operator or 2 named people",
  );
});
