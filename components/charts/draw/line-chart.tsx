"use client";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { useTheme } from "@/components/shell/theme";
import { cn } from "@/components/ui/class-names";
import { formatTick } from "@/components/ui/format";
import { cssColor, type Look, lookOf } from "../palette";
import type { Value } from "../prepare/align-series";
import { formatClock, isolatedPoints } from "../prepare/axis";

export interface Line {
  label: string;
  values: Value[];
  /** Index into the palette; by default the position. */
  look?: number;
  /** Drawn pale behind its smoothed line, and left out of the legend. */
  faint?: boolean;
  /** Filled down to the axis. */
  area?: boolean;
}

export interface LineChartProps {
  /** Ascending; seconds since the epoch when `time`. */
  x: number[];
  lines: Line[];
  time?: boolean;
  logY?: boolean;
  height?: number;
  formatX?: (x: number) => string;
  formatY: (y: number) => string;
  /** Shorter than formatY, for the axis. */
  formatTickY?: (y: number) => string;
  /** Charts of one key share their crosshair. */
  syncKey?: string;
  /** Lowest y the axis must show. */
  fromZero?: boolean;
}

/** Curves on canvas: fast with many points. Put it into a ChartFrame. */
export function LineChart(props: LineChartProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const visible = props.lines.filter((line) => !hidden.has(line.label));
  const canvas = useLineCanvas({ ...props, lines: visible }, props.lines, setCursor);
  const named = props.lines.filter((line) => !line.faint);
  const at = cursor === null ? null : props.x[cursor];
  const toggle = (label: string) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  return (
    <div>
      <div ref={canvas} aria-hidden style={{ height: props.height ?? 200 }} />
      <div className="mt-1 flex flex-wrap gap-x-1 gap-y-0.5 text-xs">
        {at !== null && at !== undefined && (
          <span className="inline-flex h-6 items-center px-1.5 text-fg-subtle tabular-nums">
            {props.time ? new Date(at * 1000).toLocaleTimeString() : (props.formatX ?? String)(at)}
          </span>
        )}
        {named.map((line) => (
          <button
            key={line.label}
            type="button"
            aria-pressed={!hidden.has(line.label)}
            onClick={() => toggle(line.label)}
            className={cn(
              "inline-flex h-6 max-w-full items-center gap-1.5 rounded px-1.5 text-fg-muted hover:bg-hover",
              hidden.has(line.label) && "line-through",
            )}
          >
            <Swatch look={lookOf(line.look ?? props.lines.indexOf(line))} />
            <span className="truncate">{line.label}</span>
            {cursor !== null && (
              <span className="text-fg tabular-nums">{valueAt(line, cursor, props.formatY)}</span>
            )}
          </button>
        ))}
      </div>
    </div>
  );
}

function valueAt(line: Line, cursor: number, format: (y: number) => string): string {
  const value = line.values[cursor];
  return value === null || value === undefined ? "–" : format(value);
}

const Swatch = ({ look }: { look: Look }) => (
  <svg aria-hidden width="16" height="6" className="shrink-0">
    <line
      x1="0"
      x2="16"
      y1="3"
      y2="3"
      stroke={`var(${look.variable})`}
      strokeWidth="2"
      strokeDasharray={look.dash.join(" ")}
    />
  </svg>
);

/** Owns the uPlot instance: made anew when the look changes, fed when only the data does. */
function useLineCanvas(
  props: LineChartProps,
  all: Line[],
  onCursor: (index: number | null) => void,
) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { dark } = useTheme();
  const tell = useRef(onCursor);
  tell.current = onCursor;
  const { x, lines, time, logY, height = 200, syncKey, fromZero } = props;
  const data = useMemo<uPlot.AlignedData>(
    () => [
      x,
      ...lines.map((line) =>
        logY
          ? line.values.map((value) =>
              value === undefined || (value !== null && value > 0) ? value : null,
            )
          : line.values,
      ),
    ],
    [x, lines, logY],
  );
  const shape = lines.map((line) => `${line.label}|${line.look}|${line.faint}`).join("\n");
  const { formatX, formatTickY = formatTick } = props;
  const latest = useRef({ data, lines, all, formatX, formatTickY });
  latest.current = { data, lines, all, formatX, formatTickY };

  // uPlot draws on a canvas of its own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the lines, `dark` for the colors.
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const made = new uPlot(
      buildOptions({
        element,
        time,
        logY,
        height,
        syncKey,
        fromZero,
        latest: latest.current,
        tell,
      }),
      latest.current.data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, time, logY, height, syncKey, fromZero, dark]);

  useEffect(() => plot.current?.setData(data), [data]);
  return holder;
}

function buildOptions({
  element,
  time,
  logY,
  height,
  syncKey,
  fromZero,
  latest,
  tell,
}: Pick<LineChartProps, "time" | "logY" | "syncKey" | "fromZero"> & {
  element: HTMLElement;
  height: number;
  latest: { lines: Line[]; all: Line[]; formatTickY: (y: number) => string } & Pick<
    LineChartProps,
    "formatX"
  >;
  tell: { current: (index: number | null) => void };
}): uPlot.Options {
  const grid = { stroke: cssColor("--line"), width: 1 };
  const axis = {
    stroke: cssColor("--fg-subtle"),
    font: "11px 'Geist Variable', sans-serif",
    grid,
    ticks: { show: false },
  };
  const { formatTickY } = latest;
  const formatX = time
    ? formatClock
    : latest.formatX && ((ticks: number[]) => ticks.map(latest.formatX ?? String));
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    padding: [8, 16, 0, 0],
    scales: {
      x: { time: time ?? false },
      y: logY ? { distr: 3 } : { range: (_, low, high) => yRange(low, high, fromZero ?? false) },
    },
    axes: [
      { ...axis, size: 26, space: 70, ...(formatX && { values: (_, ticks) => formatX(ticks) }) },
      {
        ...axis,
        size: 56,
        values: (_, ticks) => ticks.map((t) => (t === null ? "" : formatTickY(t))),
      },
    ],
    cursor: {
      y: false,
      points: { size: 6 },
      ...(syncKey && { sync: { key: syncKey } }),
      drag: { x: true, y: false },
    },
    hooks: { setCursor: [(self) => tell.current(self.cursor.idx ?? null)] },
    series: [{}, ...latest.lines.map((line) => seriesOptions(line, latest.all))],
  };
}

function yRange(low: number | null, high: number | null, fromZero: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const bottom = fromZero ? Math.min(0, low) : low;
  const span = high - bottom || Math.abs(high) || 1;
  return [fromZero ? bottom : bottom - span * 0.08, high + span * 0.08];
}

function seriesOptions(line: Line, all: Line[]): uPlot.Series {
  const look = lookOf(line.look ?? all.indexOf(line));
  const color = cssColor(look.variable);
  return {
    label: line.label,
    stroke: line.faint ? `color-mix(in srgb, ${color} 28%, transparent)` : color,
    width: line.faint ? 1 : 1.75,
    ...(look.dash.length > 0 && !line.faint && { dash: look.dash }),
    ...(line.area && { fill: `color-mix(in srgb, ${color} 14%, transparent)` }),
    points: {
      show: !line.faint,
      size: 5,
      filter: (self, index) => isolatedPoints(self.data[index]),
    },
    spanGaps: false,
  };
}
