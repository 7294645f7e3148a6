import { expect, it } from "vitest";
import { drawsFrom } from "../explain/draws";
import { conformalBand } from "./conformal-band";

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

it("a band goes from the k-th smallest to the k-th largest residual, k being a twentieth of n + 1", () => {
  expect(conformalBand(upTo(19))).toEqual({ level: 0.9, low: 1, high: 19 });
  expect(conformalBand(upTo(99).reverse())).toEqual({ level: 0.9, low: 5, high: 95 });
  expect(conformalBand(upTo(100))).toEqual({ level: 0.9, low: 5, high: 96 });
});

it("there is no band of too few residuals, nor of what is no number", () => {
  expect(conformalBand(upTo(18))).toBeNull();
  expect(conformalBand([])).toBeNull();
  expect(conformalBand([...upTo(18), Number.NaN])).toBeNull();
});

it("the band holds nine of ten new rows on average, also of skewed residuals", () => {
  const draw = drawsFrom(11);
  const skewed = () => -Math.log(1 - draw()) - 1;
  let inside = 0;
  const rounds = 4_000;
  for (let round = 0; round < rounds; round += 1) {
    const band = conformalBand(Array.from({ length: 39 }, skewed));
    const fresh = skewed();
    if (band && fresh >= band.low && fresh <= band.high) inside += 1;
  }
  // Four standard errors around what is exact for 39 residuals: 36 of 40.
  expect(Math.abs(inside / rounds - 0.9)).toBeLessThan(4 * Math.sqrt(0.09 / rounds));
});
