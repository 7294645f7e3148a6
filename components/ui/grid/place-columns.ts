import type { GridColumn } from "./types";

export interface Placed<Row> {
  column: GridColumn<Row>;
  /** Distance from the left edge where a pinned column stays; undefined for the others. */
  left: number | undefined;
}

/** Pinned columns first, each with the place it keeps while the rest scrolls. Widths in pixels. */
export function placeColumns<Row>(
  columns: readonly GridColumn<Row>[],
  start: number,
): { placed: Placed<Row>[]; width: number } {
  const pinned = columns.filter((column) => column.pinned);
  const rest = columns.filter((column) => !column.pinned);
  let left = start;
  const placed = pinned.map((column): Placed<Row> => {
    const at = left;
    left += column.width;
    return { column, left: at };
  });
  for (const column of rest) {
    placed.push({ column, left: undefined });
    left += column.width;
  }
  return { placed, width: left };
}
