import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { drawsFrom } from "./draws";
import { type Evaluate, shapleyValues } from "./shapley";

interface Tree {
  f: number[];
  t: number[];
  l: number[];
  r: number[];
  v: number[];
}
/** Made by shap 0.51: Exact explainer over an Independent masker, interventional TreeExplainer. */
const golden = JSON.parse(
  readFileSync(new URL("../../../tests/predictions/golden/shap.json", import.meta.url), "utf8"),
) as {
  background: number[][];
  rows: number[][];
  exact: { base: number[]; values: number[][] };
  trees: { init: number; nodes: Tree[]; base: number; values: number[][]; pred: number[] };
};

const curved = (x: number[]): number => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = x;
  return a * b + Math.sin(c) + (d > 0.5 ? 2 : 0) - 0.5 * e;
};

/** Beyond pairs: those an order and its reverse get right together. */
const knotted = (x: number[]): number => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = x;
  return curved(x) + a * b * c - b * c * d * e;
};

const leafOf = (tree: Tree, x: number[], node = 0): number => {
  const feature = tree.f[node] ?? -2;
  if (feature < 0) return tree.v[node] ?? 0;
  const goesLeft = Math.fround(x[feature] ?? 0) <= (tree.t[node] ?? 0);
  return leafOf(tree, x, (goesLeft ? tree.l[node] : tree.r[node]) ?? 0);
};
const boosted = (x: number[]): number =>
  golden.trees.nodes.reduce((sum, tree) => sum + leafOf(tree, x), golden.trees.init);

const about =
  (model: (x: number[]) => number, row: number[], background = golden.background): Evaluate =>
  async (asked) =>
    asked.map(({ mask, background: at }) =>
      model(row.map((value, f) => (mask[f] ? value : (background[at]?.[f] ?? 0)))),
    );
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const budget = (evaluations: number, evaluationsMax = evaluations) => ({
  evaluations,
  evaluationsMax,
  draw: drawsFrom(1),
  isOver: () => false,
});

describe("Shapley values", () => {
  it("of every coalition are those of shap's exact explainer", async () => {
    for (const [at, row] of golden.rows.entries()) {
      const found = await shapleyValues(5, 8, about(curved, row), budget(256));
      expect(found.method).toBe("exact");
      expect(found.base).toBeCloseTo(golden.exact.base[at] ?? 0, 12);
      for (const [f, value] of found.contributions.entries()) {
        expect(value).toBeCloseTo(golden.exact.values[at]?.[f] ?? 0, 12);
      }
    }
  });

  it("of boosted trees are those of shap's interventional TreeSHAP", async () => {
    for (const [at, row] of golden.rows.entries()) {
      expect(boosted(row)).toBeCloseTo(golden.trees.pred[at] ?? 0, 10);
      const found = await shapleyValues(5, 8, about(boosted, row), budget(256));
      expect(found.base).toBeCloseTo(golden.trees.base, 6);
      for (const [f, value] of found.contributions.entries()) {
        expect(value).toBeCloseTo(golden.trees.values[at]?.[f] ?? 0, 6);
      }
    }
  });

  it("of a linear model are coefficient × (value − mean), sampled too", async () => {
    const features = 40;
    const row = Array.from({ length: features }, (_, f) => f / 7);
    const background = [0, 1, 2, 3].map((b) => row.map((_, f) => (f % 3) + b));
    const linear = (x: number[]) => sum(x.map((value, f) => value * (f - 20)));
    // Two pairs of orders for each background row, so that each counts alike.
    const rows = 2 * (features + 1) * 8;
    const found = await shapleyValues(features, 4, about(linear, row, background), budget(rows));
    expect(found.method).toBe("sampled");
    for (const [f, value] of found.contributions.entries()) {
      expect(value).toBeCloseTo((f - 20) * ((row[f] ?? 0) - ((f % 3) + 1.5)), 9);
    }
  });

  it("add up with the base to the prediction, exact and sampled, and sampled come near the exact", async () => {
    const [row = []] = golden.rows;
    const exact = await shapleyValues(5, 8, about(curved, row), budget(256));
    const sampled = await shapleyValues(5, 8, about(curved, row), budget(255));
    expect(sampled.method).toBe("sampled");
    expect(exact.base + sum(exact.contributions)).toBeCloseTo(curved(row), 10);
    expect(sampled.base + sum(sampled.contributions)).toBeCloseTo(curved(row), 10);
    const many = { features: 5, backgrounds: 8 * 64 };
    const wide = Array.from({ length: 64 }, () => golden.background).flat();
    const near = await shapleyValues(
      many.features,
      many.backgrounds,
      about(curved, row, wide),
      budget(12_000),
    );
    expect(near.method).toBe("sampled");
    for (const [f, value] of near.contributions.entries()) {
      expect(Math.abs(value - (exact.contributions[f] ?? 0))).toBeLessThan(0.05);
    }
  });

  it("are zero for what does not matter, and the same each time", async () => {
    const row = [1, 2, 3];
    const first = about((x) => x[0] ?? 0, row, [[0, 0, 0]]);
    const found = await shapleyValues(3, 1, first, budget(4));
    const contributions = [1, 0, 0];
    const standardErrors = [0, 0, 0];
    expect(found).toEqual({ base: 0, contributions, method: "sampled", standardErrors });
    expect(await shapleyValues(3, 1, first, budget(4))).toEqual(found);
  });

  it("say how far they may be off, and are drawn until that is little or the budget ends", async () => {
    const [row = []] = golden.rows;
    const exact = await shapleyValues(5, 8, about(knotted, row), budget(256));
    const coarse = await shapleyValues(5, 8, about(knotted, row), budget(192));
    const fine = await shapleyValues(5, 8, about(knotted, row), budget(192, 200_000));
    const errors = (found: { standardErrors?: number[] }) => sum(found.standardErrors ?? []);
    expect(errors(fine)).toBeLessThan(errors(coarse));
    const largest = Math.max(...fine.contributions.map(Math.abs));
    expect(Math.max(...(fine.standardErrors ?? []))).toBeLessThanOrEqual(0.01 * largest);
    for (const [f, value] of fine.contributions.entries()) {
      const off = Math.abs(value - (exact.contributions[f] ?? 0));
      expect(off).toBeLessThanOrEqual(5 * (fine.standardErrors?.[f] ?? 0) + 1e-9);
    }
    const stopped = await shapleyValues(5, 8, about(knotted, row), {
      ...budget(192, 200_000),
      isOver: () => true,
    });
    expect(stopped).toEqual(coarse);
  });
});
