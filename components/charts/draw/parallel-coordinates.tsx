"use client";
import { type PointerEvent, useMemo, useRef, useState } from "react";
import { cn } from "@/components/ui/class-names";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { type AxisScale, type Cell, scaleAxis } from "../prepare/scale-axis";

export interface ParallelAxis {
  id: string;
  label: string;
}

export interface ParallelLine {
  id: string;
  label: string;
  /** One value an axis, in the order of the axes. */
  values: Cell[];
}

/** A part of an axis, 0 low to 1 high. */
type Range = [low: number, high: number];

const HEIGHT = 300;
const TOP = 28;
const BOTTOM = 14;
/** Pixels an axis has at least; wider pages give it more. */
const AXIS_WIDTH = 120;
const inside = HEIGHT - TOP - BOTTOM;
const yOf = (at: number) => TOP + (1 - at) * inside;

/**
 * One axis a parameter or metric, one line a run. Dragging along an axis keeps the runs that pass
 * there; a click on the axis lets all pass again. Color goes by the last axis. Put it into a ChartFrame.
 */
export function ParallelCoordinates({
  axes,
  lines,
  format,
}: {
  axes: ParallelAxis[];
  lines: ParallelLine[];
  format: (value: number) => string;
}) {
  const [ranges, setRanges] = useState<Record<string, Range>>({});
  const [hovered, setHovered] = useState<string | null>(null);
  const scales = useMemo(
    () =>
      axes.map((_, at) =>
        scaleAxis(
          lines.map((line) => line.values[at] ?? null),
          format,
        ),
      ),
    [axes, lines, format],
  );
  const [room, setRoom] = useState(0);
  const axisWidth = Math.max(AXIS_WIDTH, Math.floor(room / Math.max(1, axes.length)));
  const width = axes.length * axisWidth;
  const xOf = (at: number) => at * axisWidth + axisWidth / 2;
  const passes = (line: ParallelLine) =>
    axes.every((axis, at) => {
      const range = ranges[axis.id];
      const place = scales[at]?.place(line.values[at] ?? null) ?? null;
      return !range || (place !== null && place >= range[0] && place <= range[1]);
    });
  const kept = lines.filter(passes);
  const named = lines.find((line) => line.id === hovered);
  return (
    <div>
      <ScrollRegion
        label="Parallel coordinates"
        ref={(element) => followWidth(element, setRoom)}
        className="overflow-x-auto"
      >
        <svg
          role="img"
          aria-label={`${lines.length} runs over ${axes.length} axes`}
          width={width}
          height={HEIGHT}
          className="block"
        >
          {lines.map((line) => (
            <path
              key={line.id}
              d={pathOf(line, scales, xOf)}
              fill="none"
              stroke={colorOf(scales.at(-1)?.place(line.values.at(-1) ?? null) ?? null)}
              strokeWidth={hovered === line.id ? 3 : 1.5}
              strokeOpacity={
                !kept.includes(line) ? 0.06 : hovered && hovered !== line.id ? 0.2 : 0.8
              }
              onPointerEnter={() => setHovered(line.id)}
              onPointerLeave={() => setHovered(null)}
            />
          ))}
          {axes.map((axis, at) => {
            const scale = scales[at];
            return (
              scale && (
                <Axis
                  key={axis.id}
                  axis={axis}
                  scale={scale}
                  x={xOf(at)}
                  range={ranges[axis.id]}
                  onRange={(range) => {
                    const { [axis.id]: _gone, ...rest } = ranges;
                    setRanges(range ? { ...rest, [axis.id]: range } : rest);
                  }}
                />
              )
            );
          })}
        </svg>
      </ScrollRegion>
      <p className="mt-1 h-5 truncate text-fg-muted text-xs">
        {named
          ? named.label
          : kept.length < lines.length
            ? `${kept.length} of ${lines.length} runs pass`
            : "Drag along an axis to keep the runs that pass there."}
      </p>
    </div>
  );
}

/** Tells how wide an element is, now and whenever that changes; answers how to stop. */
function followWidth(element: HTMLElement | null, tell: (width: number) => void) {
  if (!element) return undefined;
  const observer = new ResizeObserver(() => tell(element.clientWidth));
  observer.observe(element);
  return () => observer.disconnect();
}

/** The line through every axis that has a value, broken where there is none. */
function pathOf(line: ParallelLine, scales: AxisScale[], xOf: (at: number) => number): string {
  let pen = "M";
  return scales
    .map((scale, at) => {
      const place = scale.place(line.values[at] ?? null);
      if (place === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${xOf(at)},${yOf(place).toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
}

const colorOf = (place: number | null): string =>
  place === null
    ? "var(--idle-dot)"
    : `color-mix(in oklab, var(--chart-2) ${Math.round((1 - place) * 100)}%, var(--chart-1))`;

function Axis({
  axis,
  scale,
  x,
  range,
  onRange,
}: {
  axis: ParallelAxis;
  scale: AxisScale;
  x: number;
  range: Range | undefined;
  onRange: (range: Range | null) => void;
}) {
  const from = useRef<number | null>(null);
  const placeAt = (event: PointerEvent<SVGRectElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / inside));
  };
  return (
    <g>
      <text x={x} y={12} textAnchor="middle" className="fill-fg font-medium text-2xs">
        {axis.label.length > 20 ? `${axis.label.slice(0, 19)}…` : axis.label}
        <title>{axis.label}</title>
      </text>
      <line x1={x} x2={x} y1={TOP} y2={TOP + inside} className="stroke-line-strong" />
      {scale.ticks.map((tick) => (
        <text
          key={tick.at}
          x={x + 5}
          y={yOf(tick.at) + 3}
          className="pointer-events-none fill-fg-muted text-2xs [paint-order:stroke] [stroke-width:3px] [stroke:var(--surface)]"
        >
          {tick.label.length > 14 ? `${tick.label.slice(0, 13)}…` : tick.label}
        </text>
      ))}
      {range && (
        <rect
          x={x - 5}
          width={10}
          y={yOf(range[1])}
          height={Math.max(2, yOf(range[0]) - yOf(range[1]))}
          className="fill-accent opacity-30"
        />
      )}
      <rect
        x={x - 10}
        width={20}
        y={TOP}
        height={inside}
        className={cn("cursor-ns-resize fill-transparent touch-none")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = placeAt(event);
          onRange(null);
        }}
        onPointerMove={(event) => {
          if (from.current === null) return;
          const to = placeAt(event);
          if (Math.abs(to - from.current) > 0.01) {
            onRange([Math.min(from.current, to), Math.max(from.current, to)]);
          }
        }}
        onPointerUp={() => {
          from.current = null;
        }}
      />
    </g>
  );
}
