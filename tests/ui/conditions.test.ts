import { describe, expect, it } from "vitest";
import { asFilter } from "@/components/experiments/runs/as-filter";
import {
  condition,
  filterProblem,
  fromConditions,
  toConditions,
} from "@/components/experiments/runs/conditions";

describe("the builder of filters", () => {
  it("takes apart and puts together every flat filter", () => {
    for (const text of [
      "",
      "metrics.loss < 0.5",
      "metrics.loss < 0.5 AND params.lr = '0.1'",
      "best(metrics.acc) > 0.9 OR tags.`my team` LIKE 'a%' OR status = 'FAILED'",
    ]) {
      const conditions = toConditions(text);
      expect(conditions && fromConditions(conditions)).toBe(text);
    }
  });

  it("leaves nested filters and broken texts to the text field", () => {
    for (const text of [
      "NOT params.a = '1'",
      "(params.a = '1' OR params.b = '2') AND status = 'X'",
    ]) {
      expect(toConditions(text), text).toBeNull();
      expect(filterProblem(text)).toBeNull();
    }
    expect(toConditions("metrics.loss <")).toBeNull();
    expect(filterProblem("metrics.loss <")).toMatch(/character \d+/);
  });

  it("makes a condition only of a value that fits the field", () => {
    const metric = { entity: "metric", key: "loss", aggregate: "last" } as const;
    expect(condition(metric, "<", "0.5")).toMatchObject({ kind: "number", value: 0.5 });
    expect(condition(metric, "<", "low")).toBeNull();
    expect(condition(metric, "LIKE", "0.5")).toBeNull();
    expect(condition({ entity: "tag", key: "a" }, "IS NULL", "")).toMatchObject({ kind: "null" });
  });

  it("searches names for plain words and leaves filters as they are", () => {
    expect(asFilter("resnet 50%")).toBe("attributes.run_name ILIKE '%resnet 50\\%%'");
    expect(asFilter("metrics.a > 1")).toBe("metrics.a > 1");
  });
});
