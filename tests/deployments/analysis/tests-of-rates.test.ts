import { describe, expect, it } from "vitest";
import { compareRates, logHypergeometric } from "@/server/deployments/analysis/compare-rates";
import {
  differenceBounds,
  sequentialMultiplier,
} from "@/server/deployments/analysis/difference-bounds";
import { guardRate, upperShare } from "@/server/deployments/analysis/guard-rate";
import { anytimeP } from "@/server/deployments/analysis/rate-odds";

const stratum = (stable: [number, number], candidate: [number, number]) => ({
  stable: { requests: stable[0], wrong: stable[1] },
  candidate: { requests: candidate[0], wrong: candidate[1] },
});

describe("Fisher's noncentral hypergeometric distribution", () => {
  // scipy 1.17.1, stats.nchypergeom_fisher.logpmf and stats.hypergeom.logpmf.
  it.each([
    [[95, 2], [5, 3], 4, -3.9386668649833423],
    [[95, 2], [5, 3], 1, -7.430215355677778],
    [[1000, 10], [1000, 30], 2, -2.640529812678362],
    [[1000, 10], [1000, 30], 1, -7.259788167472834],
    [[500, 0], [50, 1], 1.25, -2.19722457733611],
    [[20, 20], [10, 10], 3, 0],
  ] as const)("is scipy's for %j against %j at odds %d", (stable, candidate, odds, expected) => {
    expect(logHypergeometric(stratum([...stable], [...candidate]), odds)).toBeCloseTo(expected, 10);
  });

  it("holds where nothing or everything went wrong, and nobody was asked", () => {
    for (const one of [
      stratum([10, 0], [10, 0]),
      stratum([0, 0], [5, 5]),
      stratum([0, 0], [0, 0]),
    ]) {
      expect(logHypergeometric(one, 2)).toBe(0);
      expect(compareRates([one], 1)).toBe(0);
    }
  });
});

describe("the comparison of rates", () => {
  it("does not mind a disturbance that strikes both alike", () => {
    const storm = Array.from({ length: 20 }, () => stratum([900, 450], [100, 50]));
    expect(anytimeP(compareRates(storm, 1.25))).toBeGreaterThan(0.5);
  });

  it("sees a candidate that fails in a stratum of its own making", () => {
    const bad = Array.from({ length: 5 }, () => stratum([950, 1], [50, 10]));
    expect(anytimeP(compareRates(bad, 1.25))).toBeLessThan(1e-10);
  });

  it("accuses nobody within the tolerated odds", () => {
    const worse = Array.from({ length: 50 }, () => stratum([1000, 20], [1000, 24]));
    expect(anytimeP(compareRates(worse, 1.25))).toBeGreaterThan(0.05);
    expect(anytimeP(compareRates(worse, 1))).toBeLessThan(0.05);
  });

  it("forgets nothing it saw: evidence once reached stays", () => {
    const bad = Array.from({ length: 5 }, () => stratum([950, 1], [50, 10]));
    const good = Array.from({ length: 50 }, () => stratum([950, 1], [50, 0]));
    expect(compareRates([...bad, ...good], 1)).toBe(compareRates(bad, 1));
  });
});

describe("the guard of a share", () => {
  it("lets a share below its limit pass and stops one that fails wholly after a few requests", () => {
    expect(anytimeP(guardRate([{ requests: 10_000, wrong: 400 }], 0.05))).toBe(1);
    expect(anytimeP(guardRate([{ requests: 4, wrong: 4 }], 0.05))).toBeLessThan(0.01);
    expect(anytimeP(guardRate([{ requests: 1, wrong: 1 }], 0.05))).toBeGreaterThan(0.01);
  });

  it("has Wilson's upper bound", () => {
    // scipy 1.17.1, binomtest(10, 200).proportion_ci(0.99, "wilson").high.
    expect(upperShare({ requests: 200, wrong: 10 })).toBeCloseTo(0.10609012869042064, 12);
    expect(upperShare({ requests: 0, wrong: 0 })).toBe(1);
  });
});

describe("bounds of a difference that hold at every look", () => {
  it("are as wide as GrowthBook's gbstats has them", () => {
    expect(sequentialMultiplier(6461, 0.05, 5000)).toBeCloseTo(3.03852, 5);
    expect(sequentialMultiplier(123_456, 0.05, 10_000)).toBeCloseTo(3.27023, 5);
  });

  it("hold the difference inside and exist without a failure", () => {
    const none = { requests: 500, wrong: 0 };
    const bounds = differenceBounds(none, none, 0.05);
    expect(bounds?.lower).toBeLessThan(0);
    expect(bounds?.upper).toBeGreaterThan(0);
    expect(differenceBounds(none, { requests: 0, wrong: 0 }, 0.05)).toBeNull();
  });
});
