"use client";
import { useMemo } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { type Line, LineChart } from "@/components/charts/draw/line-chart";
import { alignSeries, describeSeries } from "@/components/charts/prepare/align-series";
import { smooth } from "@/components/charts/prepare/smooth";
import { formatDuration, formatMetric } from "@/components/ui/format";
import { byStep, type ChartedMetric, secondsAfter, type Zoom } from "./prepare-curves";
import type { ChartedRun } from "./run-charts";

/** Curves put into words one by one. */
const DESCRIBED_MAX = 10;

/** One metric over steps or time, a line for each run. */
export function MetricChart({
  metric,
  runs,
  origins,
  smoothing,
  logX,
  logY,
  byTime,
  zoom,
  onZoom,
}: {
  metric: ChartedMetric;
  runs: ChartedRun[];
  /** When each run began, milliseconds. */
  origins: ReadonlyMap<number, number>;
  smoothing: number;
  logX: boolean;
  logY: boolean;
  byTime: boolean;
  zoom: Zoom | null;
  onZoom: (zoom: Zoom | null) => void;
}) {
  const aligned = useMemo(
    () =>
      alignSeries(
        metric.series.map((series) => ({
          label: runs.length > 1 ? (runs[series.run]?.name ?? "run") : metric.key,
          points: (byTime
            ? secondsAfter(origins.get(series.run) ?? 0, series.points)
            : byStep(series.points)
          ).filter((point) => !logX || point.x > 0),
        })),
      ),
    [metric, runs, origins, byTime, logX],
  );
  const lines = useMemo<Line[]>(
    () =>
      aligned.series.flatMap((series, index) => {
        const look = metric.series[index]?.run ?? index;
        if (smoothing === 0) return [{ ...series, look }];
        return [
          { ...series, label: `${series.label} (raw)`, look, faint: true },
          { ...series, values: smooth(series.values, smoothing), look },
        ];
      }),
    [aligned, metric, smoothing],
  );
  const sampled = metric.series.find((series) => series.sampled);
  return (
    <ChartFrame
      title={metric.key}
      summary={
        aligned.series.length > DESCRIBED_MAX
          ? `${aligned.series.length} runs`
          : aligned.series.map((series) => describeSeries(series, formatMetric)).join("; ")
      }
      controls={
        sampled && (
          <span className="text-2xs text-fg-subtle tabular-nums">
            {sampled.points.length.toLocaleString("en-US")} of{" "}
            {sampled.totalPoints.toLocaleString("en-US")} points
          </span>
        )
      }
      table={() => ({
        columns: [byTime ? "Seconds" : "Step", ...aligned.series.map((series) => series.label)],
        rows: aligned.x.flatMap((x, row) =>
          zoom && (x < zoom[0] || x > zoom[1])
            ? []
            : [[x, ...aligned.series.map((s) => s.values[row] ?? null)]],
        ),
      })}
    >
      <LineChart
        x={aligned.x}
        lines={lines}
        logX={logX}
        logY={logY}
        zoom={zoom}
        onZoom={onZoom}
        syncKey="run"
        formatX={byTime ? formatDuration : (step) => (Number.isInteger(step) ? String(step) : "")}
        formatY={formatMetric}
      />
    </ChartFrame>
  );
}
