import fc from "fast-check";
import { expect, it } from "vitest";
import { chooseByWeight } from "@/server/predictions/policy";

const a = { name: "a", weight: 70 };
const b = { name: "b", weight: 25 };
const c = { name: "c", weight: 5 };

it("gives each variant the share of [0, 1) that its weight says", () => {
  expect(chooseByWeight([a, b, c], 0)).toBe(a);
  expect(chooseByWeight([a, b, c], 0.699)).toBe(a);
  expect(chooseByWeight([a, b, c], 0.7)).toBe(b);
  expect(chooseByWeight([a, b, c], 0.949)).toBe(b);
  expect(chooseByWeight([a, b, c], 0.951)).toBe(c);
  expect(chooseByWeight([a, b, c], 0.999999)).toBe(c);
});

it("always answers one of the list, never one of weight 0 while another has traffic", () => {
  const variants = fc.array(fc.record({ weight: fc.integer({ min: 0, max: 100 }) }), {
    minLength: 1,
    maxLength: 6,
  });
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(variants, draw, (list, at) => {
      const chosen = chooseByWeight(list, at);
      expect(list).toContain(chosen);
      const hasTraffic = list.length > 1 && list.some((one) => one.weight > 0);
      expect(hasTraffic && chosen?.weight === 0).toBe(false);
    }),
  );
  expect(chooseByWeight([], 0.5)).toBeUndefined();
});
