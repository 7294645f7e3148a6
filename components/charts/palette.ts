/** Line looks that differ in color and in dash, so that color is never the only difference. */
const DASHES: number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [], [7, 4], [2, 3], [10, 3, 2, 3]];

export const COLORS = 8;

export interface Look {
  /** CSS variable holding the color in the present theme. */
  variable: string;
  dash: number[];
}

/** The look of the n-th series; the same n keeps its look between views. */
export const lookOf = (index: number): Look => ({
  variable: `--chart-${(index % COLORS) + 1}`,
  dash: DASHES[index % DASHES.length] ?? [],
});

/** Reads a color of the present theme, for canvas, which knows no CSS variables. */
export const cssColor = (variable: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
