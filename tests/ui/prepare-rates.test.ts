import { expect, it } from "vitest";
import { ratesOf } from "@/components/deployments/prepare-rates";

const START = Date.UTC(2026, 0, 1);
const point = (slot: number, requests: number) => ({
  at: new Date(START + slot * 60_000).toISOString(),
  requests,
  errors: 0,
});
const rates = (passedSeconds: number) =>
  ratesOf(
    [point(0, 120), point(1, 60), point(2, 30)],
    60,
    ({ requests }) => requests,
    START + (120 + passedSeconds) * 1_000,
  );

it("divides the newest bucket by the time that has passed in it, so that steady traffic is drawn level", () => {
  expect(rates(32)).toEqual([2, 1, 1]);
  expect(rates(600)).toEqual([2, 1, 0.5]);
});

it("leaves a gap while too little of the newest bucket has passed", () => {
  expect(rates(5)).toEqual([2, 1, null]);
  expect(rates(-30)).toEqual([2, 1, null]);
});
