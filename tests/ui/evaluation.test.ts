import { describe, expect, it } from "vitest";
import {
  areaUnder,
  atThreshold,
  type Classified,
  evaluation,
} from "@/components/experiments/evaluation/evaluation";
import { evaluatePredictions } from "@/components/experiments/evaluation/from-predictions";

/** The example of scikit-learn's documentation of roc_curve and roc_auc_score: AUC 0.75. */
const EXAMPLE = {
  columns: ["truth", "prediction", "score"],
  rows: [
    ["0", "0", "0.1"],
    ["0", "0", "0.4"],
    ["1", "0", "0.35"],
    ["1", "1", "0.8"],
  ],
};

const classified = () => evaluatePredictions(EXAMPLE) as Classified;

describe("evaluation of logged predictions", () => {
  it("counts true classes by predicted ones", () => {
    expect(classified().confusionMatrix).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });

  it("draws scikit-learn's ROC of its own example, with the same area", () => {
    const [roc] = classified().roc;
    expect(roc?.falsePositiveRate).toEqual([0, 0, 0.5, 0.5, 1]);
    expect(roc?.truePositiveRate).toEqual([0, 0.5, 0.5, 1, 1]);
    expect(areaUnder(roc?.falsePositiveRate ?? [], roc?.truePositiveRate ?? [])).toBeCloseTo(
      0.75,
      12,
    );
  });

  it("takes the score as that of the class predicted where it is high", () => {
    const named = (cell: string) => (cell === "1" ? "fraud" : "ok");
    const rows = EXAMPLE.rows.map(([t = "", p = "", s = ""]) => [named(t), named(p), s]);
    const result = evaluatePredictions({ ...EXAMPLE, rows }) as Classified;
    expect(result.classes).toEqual(["fraud", "ok"]);
    expect(result.roc[0]).toMatchObject({ class: "fraud", truePositiveRate: [0, 0.5, 0.5, 1, 1] });
  });

  it("says what a threshold does", () => {
    const [roc] = classified().roc;
    if (!roc) throw new Error("no curve");
    expect(atThreshold(roc, 0.38, 2, 2)).toMatchObject({
      truePositive: 1,
      falsePositive: 1,
      precision: 0.5,
      recall: 0.5,
      f1: 0.5,
      accuracy: 0.5,
    });
    expect(atThreshold(roc, 0, 2, 2)).toMatchObject({ truePositive: 2, falsePositive: 2 });
    expect(atThreshold(roc, 0.9, 2, 2)).toMatchObject({ truePositive: 0, precision: null });
  });

  it("takes numbers that are no classes as regression", () => {
    const rows = Array.from({ length: 40 }, (_, i) => [String(i / 3), String(i / 3 + (i % 2))]);
    const result = evaluatePredictions({ columns: ["target", "outputs"], rows });
    expect(result).toMatchObject({ residualHistogram: { counts: expect.any(Array) } });
    if (!result || !("residuals" in result)) throw new Error("no regression");
    expect(result.residualHistogram.counts.reduce((a, b) => a + b)).toBe(40);
  });

  it("draws nothing from tables without truth or prediction", () => {
    expect(evaluatePredictions({ columns: ["a", "b"], rows: [["1", "2"]] })).toBeUndefined();
    expect(evaluatePredictions({ columns: ["truth", "prediction"], rows: [] })).toBeUndefined();
  });

  it("reads what the trainers write and refuses anything else", () => {
    expect(evaluation.safeParse({ ...classified(), classes: [true, 1] }).data).toMatchObject({
      classes: ["true", "1"],
    });
    expect(evaluation.safeParse({ split: "test" }).success).toBe(false);
  });
});
