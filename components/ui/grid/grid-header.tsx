"use client";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { cn } from "../class-names";
import { Checkbox } from "../toggles";
import { GridRow } from "./grid-row";
import type { Placed } from "./place-columns";
import {
  type GridColumn,
  type GridProps,
  type GridSort,
  HEADER_HEIGHT,
  SELECT_WIDTH,
  WIDTH_MAX,
  WIDTH_MIN,
} from "./types";

/** Column heads (sort, menu, width) and the row that stays under them. */
export function GridHeader<Row>({
  grid,
  placed,
  width,
}: {
  grid: GridProps<Row>;
  placed: Placed<Row>[];
  width: number;
}) {
  return (
    <div
      role="rowgroup"
      className="sticky top-0 z-20 bg-surface"
      style={{ width, minWidth: "100%" }}
    >
      <div role="row" aria-rowindex={1} className="flex border-b" style={{ height: HEADER_HEIGHT }}>
        {grid.selection && <SelectAll grid={grid} selection={grid.selection} />}
        {placed.map(({ column, left }, index) => (
          <HeaderCell
            key={column.id}
            column={column}
            left={left}
            index={index + (grid.selection ? 2 : 1)}
            sort={grid.sort?.id === column.id ? grid.sort : null}
            onSort={grid.onSort}
            onResize={grid.onResize}
          />
        ))}
      </div>
      {grid.topRow !== undefined && (
        <GridRow grid={grid} row={grid.topRow} rowIndex={2} width={width} placed={placed} />
      )}
    </div>
  );
}

function SelectAll<Row>({
  grid,
  selection,
}: {
  grid: GridProps<Row>;
  selection: NonNullable<GridProps<Row>["selection"]>;
}) {
  const all =
    grid.rows.length > 0 && grid.rows.every((row) => selection.chosen.has(grid.rowKey(row)));
  return (
    <div
      role="columnheader"
      aria-colindex={1}
      className="sticky left-0 z-10 flex items-center justify-center bg-surface"
      style={{ width: SELECT_WIDTH, minWidth: SELECT_WIDTH }}
    >
      <Checkbox
        label="Choose all loaded rows"
        hideLabel
        checked={all}
        indeterminate={!all && selection.chosen.size > 0}
        onChange={(on) =>
          selection.onChange(on ? new Set(grid.rows.map(grid.rowKey)) : new Set<string>())
        }
      />
    </div>
  );
}

function HeaderCell<Row>({
  column,
  left,
  index,
  sort,
  onSort,
  onResize,
}: {
  column: GridColumn<Row>;
  left: number | undefined;
  index: number;
  sort: GridSort | null;
  onSort: GridProps<Row>["onSort"];
  onResize: GridProps<Row>["onResize"];
}) {
  const Arrow = sort?.desc ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      aria-colindex={index}
      aria-sort={sort ? (sort.desc ? "descending" : "ascending") : undefined}
      className={cn(
        "group relative flex shrink-0 items-center gap-1 bg-surface px-3 font-medium text-fg-subtle text-xs",
        column.align === "right" && "justify-end",
        left !== undefined && "sticky z-10",
      )}
      style={{ width: column.width, left }}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          title={column.name}
          onClick={() =>
            onSort({ id: column.id, desc: sort ? !sort.desc : column.align === "right" })
          }
          className={cn(
            "inline-flex min-h-6 min-w-0 items-center gap-1 rounded hover:text-fg",
            sort && "text-fg",
          )}
        >
          <span className="truncate">{column.header ?? column.name}</span>
          {sort && <Arrow aria-hidden className="size-3 shrink-0" />}
        </button>
      ) : (
        <span className="truncate" title={column.name}>
          {column.header ?? column.name}
        </span>
      )}
      {column.control}
      <Resizer column={column} onResize={onResize} />
    </div>
  );
}

const STEP = 16;

function Resizer<Row>({
  column,
  onResize,
}: {
  column: GridColumn<Row>;
  onResize: GridProps<Row>["onResize"];
}) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (width: number) =>
    onResize(column.id, Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width))));
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    set(column.width + by);
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width: column.width };
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${column.name}`}
      aria-valuenow={column.width}
      aria-valuemin={WIDTH_MIN}
      aria-valuemax={WIDTH_MAX}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={(event) =>
        from.current && set(from.current.width + event.clientX - from.current.x)
      }
      onPointerUp={() => {
        from.current = null;
      }}
      className="absolute inset-y-0 right-0 w-2 cursor-col-resize touch-none after:absolute after:inset-y-2 after:right-0 after:w-px after:bg-line group-hover:after:bg-line-strong focus-visible:after:w-0.5 focus-visible:after:bg-accent"
    />
  );
}
