import type uPlot from "uplot";
import { cssColor, lookOf } from "../palette";
import type { Value } from "../prepare/align-series";
import { formatClock, isolatedPoints, valueBetween } from "../prepare/axis";

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
  /** x must be positive then. */
  logX?: boolean;
  /** The part of x that is shown; all of it when null. */
  zoom?: readonly [number, number] | null;
  /** Called when somebody drags over a part of x, and with null on a double click. */
  onZoom?: (zoom: [number, number] | null) => void;
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

/** Whom the chart tells what the pointer does. */
export interface Tell {
  cursor: (index: number | null) => void;
  /** The line the pointer is next to, by its place; null away from all. */
  focus: (place: number | null) => void;
  zoom: LineChartProps["onZoom"];
}

/** New data in the window somebody chose, or in all of x. */
export function show(plot: uPlot, data: uPlot.AlignedData, zoom: LineChartProps["zoom"]): void {
  plot.setData(data, !zoom);
  if (zoom) plot.setScale("x", { min: zoom[0], max: zoom[1] });
}

/** Lines from which on the one under the pointer stands out and is named. */
export const CROWD = 12;
/** How near the pointer must be to a line for that, pixels. */
const FOCUS_PX = 24;

/** Dragged pixels fewer than this were a click. */
const DRAG_MIN_PX = 5;

/** What the pointer does: a crosshair for all charts of a key, and a zoom that only the dragged one starts. */
const cursorOptions = (
  syncKey: string | undefined,
  tell: { current: Tell },
  isCrowded: boolean,
): uPlot.Cursor => ({
  y: false,
  ...(isCrowded && { focus: { prox: FOCUS_PX } }),
  points: { size: 6 },
  ...(syncKey && {
    sync: {
      key: syncKey,
      filters: { pub: (type) => type === "mousemove" || type === "mouseleave", sub: () => true },
    },
  }),
  drag: { x: true, y: false, dist: DRAG_MIN_PX },
  bind: {
    dblclick: (_self, _target, handler) => (event: MouseEvent) => {
      handler(event);
      tell.current.zoom?.(null);
      return null;
    },
  },
});

function tellZoom(self: uPlot, tell: { current: Tell }): void {
  const { left, width } = self.select;
  if (width < DRAG_MIN_PX) return;
  tell.current.zoom?.([self.posToVal(left, "x"), self.posToVal(left + width, "x")]);
}

export function buildOptions({
  element,
  time,
  logX,
  logY,
  height,
  syncKey,
  fromZero,
  latest,
  tell,
}: Pick<LineChartProps, "time" | "logX" | "logY" | "syncKey" | "fromZero"> & {
  element: HTMLElement;
  height: number;
  latest: { lines: Line[]; all: Line[]; formatTickY: (y: number) => string } & Pick<
    LineChartProps,
    "formatX"
  >;
  tell: { current: Tell };
}): uPlot.Options {
  const grid = { stroke: cssColor("--line"), width: 1 };
  const axis = {
    stroke: cssColor("--fg-subtle"),
    font: "11px 'Geist Variable', sans-serif",
    grid,
    ticks: { show: false },
  };
  const { formatTickY } = latest;
  const isCrowded = latest.lines.length > CROWD;
  const formatX = time
    ? formatClock
    : latest.formatX &&
      ((ticks: (number | null)[]) => ticks.map((x) => labelOf(x, latest.formatX)));
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    padding: [8, 16, 0, 0],
    scales: {
      x: {
        time: time ?? false,
        ...(logX && {
          distr: 3 as const,
          range: (_, low, high) => [low, high] as [number, number],
        }),
      },
      y: logY
        ? { distr: 3 }
        : { range: (self, low, high) => yRange(withBorders(self, low, high), fromZero ?? false) },
    },
    axes: [
      { ...axis, size: 26, space: 70, ...(formatX && { values: (_, ticks) => formatX(ticks) }) },
      {
        ...axis,
        size: 56,
        values: (_, ticks) => ticks.map((t) => (t === null ? "" : formatTickY(t))),
      },
    ],
    cursor: cursorOptions(syncKey, tell, isCrowded),
    ...(isCrowded && { focus: { alpha: 0.15 } }),
    hooks: {
      setCursor: [(self) => tell.current.cursor(self.cursor.idx ?? null)],
      setSeries: [(_, place) => tell.current.focus(place === null ? null : place - 1)],
      setSelect: [(self) => tellZoom(self, tell)],
    },
    series: [{}, ...latest.lines.map((line) => seriesOptions(line, latest.all, isCrowded))],
  };
}

/** A logarithmic axis leaves most of its ticks without a number. */
const labelOf = (x: number | null, format: (x: number) => string = String) =>
  x === null ? "" : format(x);

/** The lowest and highest value in sight, with where lines cross the borders of a zoom. */
function withBorders(
  self: uPlot,
  low: number | null,
  high: number | null,
): [number | null, number | null] {
  const { min, max } = self.scales.x ?? {};
  const [xs, ...curves] = self.data;
  const crossed = [min, max].flatMap((x) =>
    x === undefined || x === null
      ? []
      : curves.flatMap((values) => valueBetween(xs, values, x) ?? []),
  );
  const all = [low, high, ...crossed].filter((value) => value !== null);
  return all.length === 0 ? [low, high] : [Math.min(...all), Math.max(...all)];
}

function yRange([low, high]: [number | null, number | null], fromZero: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const bottom = fromZero ? Math.min(0, low) : low;
  const span = high - bottom || Math.abs(high) || 1;
  return [fromZero ? bottom : bottom - span * 0.08, high + span * 0.08];
}

function seriesOptions(line: Line, all: Line[], isCrowded: boolean): uPlot.Series {
  const look = lookOf(line.look ?? all.indexOf(line));
  const color = cssColor(look.variable);
  return {
    label: line.label,
    stroke: line.faint ? `color-mix(in srgb, ${color} 28%, transparent)` : color,
    width: line.faint || isCrowded ? 1 : 1.75,
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
