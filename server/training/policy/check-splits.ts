import type { Issue } from "@/server/kernel/errors";
import { catalog } from "../catalog";

/** Shares of the rows held out for validation and test; empty when they fit together. */
export function checkSplits(validation: number, test: number): Issue[] {
  const { limits } = catalog;
  const outside = (["validationSplit", "testSplit"] as const).flatMap((path) => {
    const value = path === "testSplit" ? test : validation;
    const { min, max } = limits[path];
    return value < min || value > max
      ? [{ path, message: `must be between ${min} and ${max}` }]
      : [];
  });
  if (outside.length > 0 || validation + test <= limits.splitSumMax + 1e-12) return outside;
  return [
    {
      path: "validationSplit",
      message: `and testSplit together hold out ${validation + test} of the rows; ${limits.splitSumMax} is the most`,
    },
  ];
}
