import { describe, expect, it } from "vitest";
import {
  compareOutputs,
  contingency,
  stabilityIndex,
} from "@/server/deployments/analysis/compare-outputs";
import { chiSquareTail, kolmogorovTail } from "@/server/deployments/analysis/tail-probabilities";

const repeat = (value: string, times: number) => Array.from({ length: times }, () => value);

describe("tail probabilities, held against scipy 1.17.1", () => {
  it.each([
    [1.622409, 5, 0.8985262349563191],
    [3.84, 1, 0.05004352124870519],
    [50, 4, 3.610865404890647e-10],
    [200, 9, 3.312992393909567e-38],
    [0.001, 3, 0.9999915920809419],
  ])("chi2.sf(%d, %d)", (x, df, expected) => {
    expect(chiSquareTail(x, df) / expected).toBeCloseTo(1, 11);
  });

  it.each([
    [0.3, 0.9999906941986655],
    [0.5, 0.9639452436648751],
    [0.8276, 0.49995841656354456],
    [1.25, 0.08786641394169108],
    [2, 0.0006709252557796953],
    [3, 3.045995948942526e-8],
  ])("kolmogorov(%d)", (x, expected) => {
    expect(kolmogorovTail(x) / expected).toBeCloseTo(1, 11);
  });
});

describe("the comparison of outputs", () => {
  it("is scipy's chi2_contingency for classes", () => {
    const rows = (counts: number[]) => counts.flatMap((n, i) => repeat(`class ${i}`, n));
    const found = compareOutputs(rows([120, 80, 40]), rows([90, 110, 60]));
    expect(found).toMatchObject({ test: "chi_square" });
    expect(found?.statistic).toBeCloseTo(12.242143821091194, 10);
    expect(found?.pValue).toBeCloseTo(0.0021961006774649577, 12);
    const table = [16, 18, 16, 14, 12, 12].map((a, i): [number, number] => [
      a,
      [16, 16, 16, 16, 16, 8][i] ?? 0,
    ]);
    expect(contingency(table, 88, 88)).toBeCloseTo(1.6224089635854342, 12);
  });

  it("is scipy's ks_2samp distance for numbers, ties and all", () => {
    const a = Array.from({ length: 300 }, (_, i) => (i * 37) % 60);
    const b = Array.from({ length: 250 }, (_, i) => ((i * 53) % 50) + 8);
    const found = compareOutputs(a, b);
    expect(found).toMatchObject({ test: "ks" });
    expect(found?.statistic).toBeCloseTo(0.13333333333333333, 12);
    expect(found?.pValue).toBeCloseTo(0.015680487878228243, 12);
  });

  it("finds equal distributions equal, and counts rare classes together", () => {
    const same = [...repeat("a", 300), ...repeat("b", 200), "c", "d"];
    expect(compareOutputs(same, same)).toMatchObject({ statistic: 0, pValue: 1, psi: 0 });
    expect(compareOutputs(repeat("a", 200), repeat("a", 200))).toBeNull();
    expect(compareOutputs([], ["a"])).toBeNull();
    expect(compareOutputs(repeat("a", 500), repeat("b", 500))?.psi).toBeGreaterThan(5);
  });

  it("has the population stability index of its definition", () => {
    // Σ (q − p) ln(q / p) with counts smoothed by a half, by hand.
    const p = [60.5 / 101.0, 40.5 / 101.0];
    const q = [50.5 / 101.0, 50.5 / 101.0];
    const expected = p.reduce(
      (sum, share, i) => sum + ((q[i] ?? 0) - share) * Math.log((q[i] ?? 0) / share),
      0,
    );
    expect(stabilityIndex([60, 40], [50, 50])).toBeCloseTo(expected, 12);
  });
});
