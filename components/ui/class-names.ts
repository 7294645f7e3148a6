import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({
  extend: {
    classGroups: { "font-size": [{ text: ["2xs", "13"] }], shadow: [{ shadow: ["pop", "card"] }] },
  },
});

/** Joins class names; a later Tailwind class wins over an earlier one of its group. */
export const cn = (...values: ClassValue[]): string => merge(clsx(values));
