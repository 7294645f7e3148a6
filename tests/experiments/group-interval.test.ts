import { describe, expect, it } from "vitest";
import { meanInterval95, tCritical95 } from "@/server/experiments/search/student-t";

// scipy.stats.t.ppf(0.975, df); the first twelve agree with the table of NIST/SEMATECH 1.3.6.7.2.
const QUANTILES: [df: number, t: number][] = [
  [1, 12.706204736174694],
  [2, 4.302652729749462],
  [3, 3.1824463052837078],
  [4, 2.7764451051977934],
  [5, 2.5705818356363146],
  [7, 2.3646242515927853],
  [10, 2.2281388519862744],
  [20, 2.0859634472658644],
  [30, 2.0422724563012373],
  [60, 2.0002978220142604],
  [100, 1.983971518523552],
  [1000, 1.9623390808264078],
  [99_999, 1.9599877077718442],
];

describe("the 95 % interval of a mean", () => {
  it.each(QUANTILES)("takes Student's quantile of %i degrees of freedom", (df, t) => {
    expect(tCritical95(df)).toBeCloseTo(t, df > 1000 ? 6 : 9);
  });

  it("is the mean and t standard errors either side", () => {
    // 10 values of mean 5 and deviation 2: 2.2621571627 · 2 / √10
    const interval = meanInterval95(5, 2, 10);
    expect(interval?.low).toBeCloseTo(5 - 1.4307138, 6);
    expect(interval?.high).toBeCloseTo(5 + 1.4307138, 6);
    expect(meanInterval95(5, 0, 3)).toEqual({ low: 5, high: 5 });
  });

  it("is none for fewer than two values", () => {
    expect(meanInterval95(5, 0, 1)).toBeNull();
    expect(meanInterval95(0, 0, 0)).toBeNull();
  });
});
