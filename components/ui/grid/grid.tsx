"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { cn } from "../class-names";
import { GridHeader } from "./grid-header";
import { GridRow, toggle } from "./grid-row";
import { placeColumns } from "./place-columns";
import { type GridProps, HEADER_HEIGHT, ROW_HEIGHT, SELECT_WIDTH } from "./types";

/** Rows before the end at which the next page is asked for. */
const AHEAD = 30;
/** Rows a page key moves. */
const PAGE = 15;

/**
 * A table of any length: only the rows in sight are drawn, columns are sized and pinned. Arrow keys
 * move over rows, Space or x chooses one, Enter opens it.
 */
export function Grid<Row>(grid: GridProps<Row> & { className?: string }) {
  const { rows, columns, onEnd, loadingMore } = grid;
  const scroller = useRef<HTMLDivElement>(null);
  const { placed, width } = useMemo(
    () => placeColumns(columns, grid.selection ? SELECT_WIDTH : 0),
    [columns, grid.selection],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollPaddingStart: HEADER_HEIGHT + (grid.topRow === undefined ? 0 : ROW_HEIGHT),
  });
  const above = grid.topRow === undefined ? 1 : 2;
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - AHEAD && !loadingMore) onEnd?.();
  }, [last, rows.length, loadingMore, onEnd]);
  const { focus, onKeyDown } = useRowKeys(grid, scroller, virtual.scrollToIndex);
  return (
    <div
      ref={scroller}
      className={cn("relative max-h-[calc(100dvh-16rem)] min-h-36 overflow-auto", grid.className)}
    >
      <div
        role="grid"
        aria-label={grid.label}
        aria-rowcount={(grid.total ?? rows.length) + above}
        aria-colcount={columns.length + (grid.selection ? 1 : 0)}
        aria-multiselectable={grid.selection ? true : undefined}
        onKeyDown={onKeyDown}
        className="relative min-w-full"
        style={{ width }}
      >
        <GridHeader grid={grid} placed={placed} width={width} />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              row !== undefined && (
                <GridRow
                  key={grid.rowKey(row)}
                  grid={grid}
                  row={row}
                  index={item.index}
                  rowIndex={item.index + above + 1}
                  top={item.start}
                  width={width}
                  placed={placed}
                  focused={item.index === focus}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function useRowKeys<Row>(
  grid: GridProps<Row>,
  scroller: React.RefObject<HTMLDivElement | null>,
  show: (index: number) => void,
) {
  const [focus, setFocus] = useState(0);
  const router = useRouter();
  const go = (to: number) => {
    const index = Math.min(grid.rows.length - 1, Math.max(0, to));
    setFocus(index);
    show(index);
    // The row is drawn after the scroll, so it can take the focus a frame later.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.getAttribute("role") !== "row" || event.ctrlKey || event.metaKey) return;
    // A row may also have got the focus from elsewhere.
    const at = Number(target.dataset.row ?? focus);
    const row = grid.rows[at];
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: grid.rows.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) go(to);
    else if ((event.key === " " || event.key === "x") && row !== undefined)
      toggle(grid, grid.rowKey(row));
    else if (event.key === "Enter" && row !== undefined && grid.rowHref)
      router.push(grid.rowHref(row));
    else return;
    event.preventDefault();
  };
  return { focus: Math.min(focus, Math.max(0, grid.rows.length - 1)), onKeyDown };
}
