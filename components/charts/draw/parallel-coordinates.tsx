"use client";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { ScrollRegion } from "@/components/ui/scroll-region";
import {
  type AxisEnd,
  type AxisRange,
  type AxisRanges,
  isKept,
  isOpen,
  placeOfEnd,
} from "../prepare/axis-range";
import { type AxisScale, type Cell, scaleAxis } from "../prepare/scale-axis";
import { AxisBrush } from "./axis-brush";
import { RangeFields } from "./range-fields";

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

const HEIGHT = 300;
const TOP = 28;
const BOTTOM = 14;
/** Pixels an axis has at least; wider pages give it more. */
const AXIS_WIDTH = 120;
const inside = HEIGHT - TOP - BOTTOM;
const yOf = (at: number) => TOP + (1 - at) * inside;
const HINT =
  "Drag along an axis to keep the runs that pass there, or move its ends with ↑ ↓. ← → go to the next axis, Esc lets all pass.";

/** The scale of each axis over all lines. */
const scalesOf = (
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
  format: (value: number) => string,
) =>
  axes.map((_, at) =>
    scaleAxis(
      lines.map((line) => line.values[at] ?? null),
      format,
    ),
  );

/** The lines that pass through what is kept of every axis. */
export function linesKept(
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
  ranges: AxisRanges,
): ParallelLine[] {
  const scales = scalesOf(axes, lines, String);
  return lines.filter((line) =>
    axes.every((axis, at) => {
      const scale = scales[at];
      return !scale || isKept(scale, ranges[axis.id], line.values[at] ?? null);
    }),
  );
}

/**
 * One axis a parameter or metric, one line a run. Dragging along an axis, its two ends by key, or
 * the fields below keep the runs that pass there; `kept` are those lines. Color goes by the last
 * axis. Put it into a ChartFrame.
 */
export function ParallelCoordinates({
  axes,
  lines,
  kept,
  format,
  ranges,
  onRanges,
  actions,
}: {
  axes: ParallelAxis[];
  lines: ParallelLine[];
  kept: ParallelLine[];
  format: (value: number) => string;
  ranges: AxisRanges;
  onRanges: (ranges: AxisRanges) => void;
  /** Shown beside the fields while some lines are left out. */
  actions?: ReactNode;
}) {
  const [hovered, setHovered] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const scales = useMemo(() => scalesOf(axes, lines, format), [axes, lines, format]);
  const at = Math.max(
    0,
    axes.findIndex(({ id }) => id === chosen),
  );
  const setRange = (axis: string, range: AxisRange | null) => {
    const { [axis]: _gone, ...rest } = ranges;
    onRanges(range && !isOpen(range) ? { ...rest, [axis]: range } : rest);
  };
  const named = lines.find((line) => line.id === hovered);
  return (
    <div>
      <Plot
        {...{ axes, lines, kept, scales, ranges, hovered, at }}
        onHover={setHovered}
        onChoose={setChosen}
        onRange={setRange}
      />
      <p className="mt-1 min-h-5 text-fg-muted text-xs">{named ? named.label : HINT}</p>
      <RangeFields
        axes={axes}
        scale={scales[at]}
        axis={axes[at]}
        ranges={ranges}
        onAxis={setChosen}
        onRange={setRange}
        onClear={() => onRanges({})}
        passing={`${kept.length} of ${lines.length} runs pass`}
        actions={actions}
      />
    </div>
  );
}

function Plot({
  axes,
  lines,
  kept,
  scales,
  ranges,
  hovered,
  at: current,
  onHover,
  onChoose,
  onRange,
}: {
  axes: ParallelAxis[];
  lines: ParallelLine[];
  kept: ParallelLine[];
  scales: AxisScale[];
  ranges: AxisRanges;
  hovered: string | null;
  at: number;
  onHover: (line: string | null) => void;
  onChoose: (axis: string) => void;
  onRange: (axis: string, range: AxisRange | null) => void;
}) {
  const area = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  const axisWidth = Math.max(AXIS_WIDTH, Math.floor(room / Math.max(1, axes.length)));
  const width = axes.length * axisWidth;
  const xOf = (at: number) => at * axisWidth + axisWidth / 2;
  const passing = useMemo(() => new Set(kept.map(({ id }) => id)), [kept]);
  const opacityOf = ({ id }: ParallelLine) =>
    !passing.has(id) ? 0.06 : hovered && hovered !== id ? 0.2 : 0.8;
  const focusEnd = (at: number, end: AxisEnd) =>
    area.current?.querySelectorAll<HTMLElement>(`[data-end=${end}]`).item(at)?.focus();
  return (
    <ScrollRegion
      label="Parallel coordinates"
      ref={(element) => followWidth(element, setRoom)}
      className="overflow-x-auto"
    >
      <div ref={area} className="relative" style={{ width }}>
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
              strokeOpacity={opacityOf(line)}
              onPointerEnter={() => onHover(line.id)}
              onPointerLeave={() => onHover(null)}
            />
          ))}
          {scales.map((scale, at) => (
            <Axis key={axes[at]?.id} scale={scale} axis={axes[at]} ranges={ranges} x={xOf(at)} />
          ))}
        </svg>
        {axes.map((axis, at) => {
          const scale = scales[at];
          return (
            scale && (
              <AxisBrush
                key={axis.id}
                label={axis.label}
                scale={scale}
                place={{ left: xOf(at), top: TOP, height: inside }}
                range={ranges[axis.id]}
                onRange={(range) => onRange(axis.id, range)}
                chosen={at === current}
                onChoose={() => onChoose(axis.id)}
                onMove={(end, by) => focusEnd(at + by, end)}
              />
            )
          );
        })}
      </div>
    </ScrollRegion>
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
  ranges,
}: {
  axis: ParallelAxis | undefined;
  scale: AxisScale;
  x: number;
  ranges: AxisRanges;
}) {
  if (!axis) return null;
  const range = ranges[axis.id];
  const [low, high] = [placeOfEnd(scale, range, "low"), placeOfEnd(scale, range, "high")];
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
          y={yOf(high)}
          height={Math.max(2, yOf(low) - yOf(high))}
          className="fill-accent opacity-30"
        />
      )}
    </g>
  );
}
