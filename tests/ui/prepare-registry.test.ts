import { expect, it } from "vitest";
import { bestVersions } from "@/components/registry/best-versions";
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

it("marks the best of a benchmark, whichever way is better, and nothing where nobody leads", () => {
  const result = (versionId: string, accuracy: number | null, rmse: number) => ({
    versionId,
    metrics: { accuracy, rmse, only: versionId === "a" ? 1 : null },
  });
  const definitions = {
    accuracy: { better: "higher" },
    rmse: { better: "lower" },
    only: { better: "higher" },
  } as const;
  const results = [result("a", 0.9, 3), result("b", 0.9, 1), result("c", 0.8, 2)];
  const best = bestVersions({ results, definitions });
  expect([...best].map(([name, ids]) => [name, [...ids]])).toEqual([
    ["accuracy", ["a", "b"]],
    ["rmse", ["b"]],
  ]);
  const tied = [result("a", 0.5, 1), result("b", 0.5, 1)];
  expect(bestVersions({ results: tied, definitions }).size).toBe(0);
});
