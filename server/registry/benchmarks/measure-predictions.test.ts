import { describe, expect, it } from "vitest";
import { measureClasses, measureNumbers } from "./measure-predictions";

// Expected values: the examples in scikit-learn's reference of each metric (1.5).
describe("metrics of classes are scikit-learn's", () => {
  it("f1, precision and recall, macro", () => {
    const measured = measureClasses([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], null, 3);
    expect(measured.f1_macro).toBeCloseTo(0.26666666, 7);
    expect(measured.precision_macro).toBeCloseTo(0.22222222, 7);
    expect(measured.recall_macro).toBeCloseTo(0.33333333, 7);
    expect(measured.accuracy).toBeCloseTo(2 / 6, 12);
  });

  it("balanced accuracy", () => {
    const measured = measureClasses([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1], null, 2);
    expect(measured.balanced_accuracy).toBe(0.625);
  });

  it("log loss: ham is 0, spam is 1", () => {
    const probabilities = [
      [0.1, 0.9],
      [0.9, 0.1],
      [0.8, 0.2],
      [0.35, 0.65],
    ];
    const measured = measureClasses([1, 0, 0, 1], [1, 0, 0, 1], probabilities, 2);
    expect(measured.log_loss).toBeCloseTo(0.21616187468057912, 12);
  });

  it("area under the ROC curve, ties counted half", () => {
    const area = (truth: number[], scores: number[]) =>
      measureClasses(
        truth,
        truth,
        scores.map((score) => [1 - score, score]),
        2,
      ).roc_auc;
    expect(area([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBe(0.75);
    expect(area([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])).toBe(0.5);
    expect(area([0, 1], [0.9, 0.1])).toBe(0);
    expect(area([1, 1], [0.9, 0.1])).toBeNull();
  });

  it("gives no probability's metric without probabilities, and nulls for no rows", () => {
    expect(measureClasses([0, 1], [0, 1], null, 2)).toMatchObject({
      accuracy: 1,
      log_loss: null,
      roc_auc: null,
    });
    expect(measureClasses([], [], [], 2)).toMatchObject({ accuracy: null, f1_macro: null });
  });

  it("clips a probability of 0 instead of answering infinity", () => {
    const measured = measureClasses([1], [0], [[1, 0]], 2);
    expect(measured.log_loss).toBeCloseTo(36.04365338911715, 10);
  });
});

describe("metrics of numbers are scikit-learn's", () => {
  it("of the reference's example", () => {
    const measured = measureNumbers([3, -0.5, 2, 7], [2.5, 0, 2, 8]);
    expect(measured.rmse).toBeCloseTo(0.6123724356957945, 12);
    expect(measured.mae).toBe(0.5);
    expect(measured.r2).toBeCloseTo(0.9486081370449679, 12);
    expect(measureNumbers([3, 2, 7, 1], [4, 2, 7, 1]).max_error).toBe(1);
  });

  it("has no r2 for a constant truth or one row, and nothing for none", () => {
    expect(measureNumbers([2, 2], [1, 3]).r2).toBeNull();
    expect(measureNumbers([2], [2])).toMatchObject({ rmse: 0, r2: null });
    expect(measureNumbers([], [])).toEqual({ rmse: null, mae: null, r2: null, max_error: null });
  });
});
