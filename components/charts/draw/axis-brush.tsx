"use client";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { cn } from "@/components/ui/class-names";
import { type AxisEnd, type AxisRange, endAt, placeOfEnd, stepFrom } from "../prepare/axis-range";
import type { AxisScale } from "../prepare/scale-axis";

/** A press that moves less than this part of the axis is a click. */
const CLICK = 0.01;
/** So near to an end, in pixels, a press takes hold of it. */
const GRIP_PX = 8;
const PAGE = 5;
const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowDown: -1,
  PageUp: PAGE,
  PageDown: -PAGE,
};

interface BrushProps {
  label: string;
  scale: AxisScale;
  range: AxisRange | undefined;
  onRange: (range: AxisRange | null) => void;
  /** The axis the tab key comes to. */
  chosen: boolean;
  onChoose: () => void;
}

/**
 * What keeps runs by one axis: drag along it, or move its two ends with the keys. Lies over the
 * axis as HTML, since what is drawn is one picture to assistive technology.
 */
export function AxisBrush({
  place: { left, top, height },
  onMove,
  ...brush
}: BrushProps & {
  /** Where the axis lies, in pixels. */
  place: { left: number; top: number; height: number };
  /** Focus goes to the same end of another axis, -1 to the left and 1 to the right. */
  onMove: (end: AxisEnd, by: -1 | 1) => void;
}) {
  const { scale, range, onRange, onChoose } = brush;
  const from = useRef<number | null>(null);
  const placeAt = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / height));
  };
  return (
    <div
      className="absolute w-6 -translate-x-1/2 cursor-ns-resize touch-none"
      style={{ left, top, height }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        onChoose();
        const place = placeAt(event);
        const held = range && heldEnd(scale, range, place, GRIP_PX / height);
        from.current = held ? placeOfEnd(scale, range, held === "low" ? "high" : "low") : place;
        if (!held) onRange(null);
      }}
      onPointerMove={(event) => {
        if (from.current === null) return;
        const to = placeAt(event);
        if (Math.abs(to - from.current) <= CLICK) return;
        onRange({
          low: endAt(scale, Math.min(from.current, to), "low"),
          high: endAt(scale, Math.max(from.current, to), "high"),
        });
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerCancel={() => {
        from.current = null;
      }}
    >
      {(["high", "low"] as const).map((end) => (
        <End key={end} end={end} onMove={(by) => onMove(end, by)} {...brush} />
      ))}
    </div>
  );
}

/** The end of a range that a press takes hold of; undefined when none is near. */
const heldEnd = (scale: AxisScale, range: AxisRange, place: number, near: number) =>
  (["low", "high"] as const).find((end) => Math.abs(placeOfEnd(scale, range, end) - place) <= near);

function End({
  end,
  label,
  scale,
  range,
  chosen,
  onRange,
  onChoose,
  onMove,
}: BrushProps & { end: AxisEnd; onMove: (by: -1 | 1) => void }) {
  const place = placeOfEnd(scale, range, end);
  const other = placeOfEnd(scale, range, end === "low" ? "high" : "low");
  const to = (next: number) => {
    const inside = end === "low" ? Math.min(next, other) : Math.max(next, other);
    onRange({ low: "", high: "", ...range, [end]: endAt(scale, inside, end) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps = STEPS[event.key];
    if (steps !== undefined) to(stepFrom(scale, place, steps));
    else if (event.key === "Home") to(0);
    else if (event.key === "End") to(1);
    else if (event.key === "ArrowLeft") onMove(-1);
    else if (event.key === "ArrowRight") onMove(1);
    else if (event.key === "Escape") onRange(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      role="slider"
      tabIndex={chosen ? 0 : -1}
      data-end={end}
      aria-orientation="vertical"
      aria-label={`${label}, ${end === "low" ? "from" : "to"}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(place * 100)}
      aria-valuetext={range?.[end] || `any, the ${end}est`}
      className={cn(
        "pointer-events-none absolute inset-x-0 flex h-6 translate-y-1/2 items-center justify-center rounded focus-visible:opacity-100",
        !range && "opacity-0",
      )}
      style={{ bottom: `${place * 100}%` }}
      onFocus={onChoose}
      onKeyDown={onKeyDown}
    >
      <span className="h-1.5 w-4 rounded-full border border-accent bg-raised" />
    </div>
  );
}
