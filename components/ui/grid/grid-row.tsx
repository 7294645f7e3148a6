"use client";
import Link from "next/link";
import { cn } from "../class-names";
import { Checkbox } from "../toggles";
import type { Placed } from "./place-columns";
import { type GridProps, HEADER_HEIGHT, ROW_HEIGHT, SELECT_WIDTH } from "./types";

/** One row at its place in the scrolled area. */
export function GridRow<Row>({
  grid,
  row,
  rowIndex,
  index,
  top,
  width,
  placed,
  focused,
}: {
  grid: GridProps<Row>;
  row: Row;
  /** Its place among all rows, the heads being the first. */
  rowIndex: number;
  /** Its place among those the keys move over; none for a row that stays. */
  index?: number;
  /** Pixels from the top of all rows; without, it stands where it is put. */
  top?: number;
  width: number;
  placed: Placed<Row>[];
  focused?: boolean;
}) {
  const key = grid.rowKey(row);
  const chosen = grid.selection?.chosen.has(key) ?? false;
  const surface = chosen
    ? "bg-accent-soft"
    : top === undefined
      ? "bg-muted"
      : "bg-surface group-hover/row:bg-hover";
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={grid.selection ? chosen : undefined}
      data-row={index}
      tabIndex={index === undefined ? undefined : focused ? 0 : -1}
      className={cn(
        "group/row flex border-b text-13 outline-none focus-visible:outline-2 focus-visible:outline-accent-text focus-visible:-outline-offset-2",
        top !== undefined && "absolute left-0",
      )}
      style={{
        height: ROW_HEIGHT,
        width,
        minWidth: "100%",
        scrollMarginTop: HEADER_HEIGHT + ROW_HEIGHT,
        ...(top !== undefined && { transform: `translateY(${top}px)` }),
      }}
    >
      {grid.selection && (
        <div
          role="gridcell"
          aria-colindex={1}
          className={cn("sticky left-0 z-10 flex items-center justify-center", surface)}
          style={{ width: SELECT_WIDTH, minWidth: SELECT_WIDTH }}
        >
          <Checkbox
            label={`Choose ${grid.rowName(row)}`}
            hideLabel
            checked={chosen}
            onChange={() => toggle(grid, key)}
          />
        </div>
      )}
      {placed.map(({ column, left }, at) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={at + (grid.selection ? 2 : 1)}
          className={cn(
            "flex shrink-0 items-center px-3",
            surface,
            column.align === "right" && "justify-end tabular-nums",
            left !== undefined && "sticky z-10",
          )}
          style={{ width: column.width, left }}
        >
          {column.title && grid.rowHref ? (
            <Link
              href={grid.rowHref(row)}
              className="min-w-0 truncate font-medium text-fg hover:underline"
            >
              {column.cell(row)}
            </Link>
          ) : (
            <span className="min-w-0 truncate">{column.cell(row)}</span>
          )}
        </div>
      ))}
      <div aria-hidden className={cn("flex-1", surface)} />
    </div>
  );
}

/** Adds a row to the chosen ones, or takes it away. */
export function toggle<Row>(grid: GridProps<Row>, key: string): void {
  if (!grid.selection) return;
  const next = new Set(grid.selection.chosen);
  if (!next.delete(key)) next.add(key);
  grid.selection.onChange(next);
}
