import { expect, it } from "vitest";
import { toleratedErrors } from "./tolerated-errors";

it("bears one percent of the rows, and a hundred of a short dataset, where nothing is said", () => {
  expect(toleratedErrors({}, 50)).toBe(100);
  expect(toleratedErrors({}, 1_000_000)).toBe(10_000);
});

it("bears what is said and no more, the larger of both limits", () => {
  expect(toleratedErrors({ maxErrors: 0 }, 1_000_000)).toBe(0);
  expect(toleratedErrors({ maxErrorShare: 0 }, 1_000_000)).toBe(0);
  expect(toleratedErrors({ maxErrorShare: 0.5 }, 9)).toBe(4);
  expect(toleratedErrors({ maxErrors: 7, maxErrorShare: 0.5 }, 9)).toBe(7);
});
