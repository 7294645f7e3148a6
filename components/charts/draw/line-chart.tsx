"use client";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { useTheme } from "@/components/shell/theme";
import { cn } from "@/components/ui/class-names";
import { formatTick } from "@/components/ui/format";
import { type Look, lookOf } from "../palette";
import {
  buildOptions,
  CROWD,
  type Line,
  type LineChartProps,
  show,
  type Tell,
} from "./line-options";

export type { Line } from "./line-options";

/** Curves on canvas: fast with many points. Put it into a ChartFrame. */
export function LineChart(props: LineChartProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const visible = props.lines.filter((line) => !hidden.has(line.label));
  const [focus, setFocus] = useState<number | null>(null);
  const canvas = useLineCanvas({ ...props, lines: visible }, props.lines, {
    cursor: setCursor,
    focus: setFocus,
    zoom: props.onZoom,
  });
  const named = props.lines.filter((line) => !line.faint);
  const at = cursor === null ? null : props.x[cursor];
  const isCrowded = named.length > CROWD;
  const near = isCrowded && focus !== null ? visible[focus] : undefined;
  const toggle = (label: string) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  return (
    <div>
      <div ref={canvas} aria-hidden style={{ height: props.height ?? 200 }} />
      {isCrowded && (
        <p className="mt-1 truncate px-1.5 text-fg-muted text-xs">
          {near && cursor !== null ? (
            <>
              <span className="font-medium text-fg">{near.label}</span>{" "}
              <span className="tabular-nums">{valueAt(near, cursor, props.formatY)}</span>
            </>
          ) : (
            `${named.length} lines; the one under the pointer is named here.`
          )}
        </p>
      )}
      <div
        className={cn(
          "mt-1 flex flex-wrap gap-x-1 gap-y-0.5 text-xs",
          isCrowded && "max-h-20 overflow-y-auto",
        )}
      >
        {at !== null && at !== undefined && (
          <span className="inline-flex h-6 items-center px-1.5 text-fg-subtle tabular-nums">
            {props.time ? timeText(at, props.x) : (props.formatX ?? String)(at)}
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
            {cursor !== null && !isCrowded && (
              <span className="text-fg tabular-nums">{valueAt(line, cursor, props.formatY)}</span>
            )}
          </button>
        ))}
      </div>
    </div>
  );
}

/** A time of day, with its day where the curve is longer than one. */
function timeText(at: number, x: number[]): string {
  const isLong = (x.at(-1) ?? at) - (x[0] ?? at) > 86_400;
  const date = new Date(at * 1000);
  return isLong
    ? date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })
    : date.toLocaleTimeString();
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
function useLineCanvas(props: LineChartProps, all: Line[], told: Tell) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { dark } = useTheme();
  const tell = useRef<Tell>(told);
  tell.current = told;
  const { x, lines, time, logX, logY, height = 200, syncKey, fromZero, zoom } = props;
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
  const latest = useRef({ data, lines, all, formatX, formatTickY, zoom });
  latest.current = { data, lines, all, formatX, formatTickY, zoom };

  // uPlot draws on a canvas of its own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the lines, `dark` for the colors.
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const made = new uPlot(
      buildOptions({
        element,
        time,
        logX,
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
    show(made, latest.current.data, latest.current.zoom);
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, time, logX, logY, height, syncKey, fromZero, dark]);

  const [low, high] = zoom ?? [];
  useEffect(() => {
    const window = low === undefined || high === undefined ? null : ([low, high] as const);
    if (plot.current) show(plot.current, data, window);
  }, [data, low, high]);
  return holder;
}
