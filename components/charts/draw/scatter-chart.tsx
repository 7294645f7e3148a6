"use client";
import { useMemo, useState } from "react";
import { type Cell, scaleAxis } from "../prepare/scale-axis";

export interface ScatterPoint {
  id: string;
  label: string;
  x: Cell;
  y: Cell;
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 40;
const xOf = (at: number) => LEFT + at * (WIDTH - LEFT - RIGHT);
const yOf = (at: number) => TOP + (1 - at) * (HEIGHT - TOP - BOTTOM);

/** A point a run: one value against another. What has not both is left out and counted. */
export function ScatterChart({
  points,
  xLabel,
  yLabel,
  format,
  noun = "runs",
}: {
  points: ScatterPoint[];
  xLabel: string;
  yLabel: string;
  format: (value: number) => string;
  /** What a point is, in the plural. */
  noun?: string;
}) {
  const [hovered, setHovered] = useState<string | null>(null);
  const x = useMemo(
    () =>
      scaleAxis(
        points.map((point) => point.x),
        format,
      ),
    [points, format],
  );
  const y = useMemo(
    () =>
      scaleAxis(
        points.map((point) => point.y),
        format,
      ),
    [points, format],
  );
  const placed = points.flatMap((point) => {
    const at = x.place(point.x);
    const height = y.place(point.y);
    return at === null || height === null ? [] : [{ point, cx: xOf(at), cy: yOf(height) }];
  });
  const named = placed.find(({ point }) => point.id === hovered)?.point;
  return (
    <div>
      <svg
        role="img"
        aria-label={`${yLabel} against ${xLabel}, ${placed.length} ${noun}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="block w-full max-w-2xl"
      >
        {y.ticks.map((tick) => (
          <g key={tick.at}>
            <line
              x1={LEFT}
              x2={WIDTH - RIGHT}
              y1={yOf(tick.at)}
              y2={yOf(tick.at)}
              className="stroke-line"
            />
            <text
              x={LEFT - 6}
              y={yOf(tick.at) + 3}
              textAnchor="end"
              className="fill-fg-subtle text-2xs"
            >
              {tick.label}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text
            key={tick.at}
            x={xOf(tick.at)}
            y={HEIGHT - BOTTOM + 16}
            textAnchor="middle"
            className="fill-fg-subtle text-2xs"
          >
            {tick.label}
          </text>
        ))}
        <text x={WIDTH / 2} y={HEIGHT - 6} textAnchor="middle" className="fill-fg-muted text-2xs">
          {xLabel}
        </text>
        {placed.map(({ point, cx, cy }) => (
          <circle
            key={point.id}
            cx={cx}
            cy={cy}
            r={hovered === point.id ? 7 : 5}
            fill="var(--chart-1)"
            fillOpacity={0.7}
            stroke="var(--surface)"
            onPointerEnter={() => setHovered(point.id)}
            onPointerLeave={() => setHovered(null)}
          />
        ))}
      </svg>
      <p className="h-5 truncate text-fg-muted text-xs">
        {named
          ? `${named.label}: ${xLabel} ${named.x}, ${yLabel} ${named.y}`
          : placed.length < points.length
            ? `${points.length - placed.length} of ${points.length} ${noun} have not both values.`
            : ""}
      </p>
    </div>
  );
}
