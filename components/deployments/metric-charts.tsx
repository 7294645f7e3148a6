"use client";
import { useMemo } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import {
  formatCompact,
  formatCount,
  formatMs,
  formatPercent,
  formatTick,
} from "@/components/ui/format";
import type { MetricsDto } from "@/server/deployments/metrics/schemas";
import { formatRate } from "./format-rate";
import { ratesOf } from "./prepare-rates";

/** A latency on an axis. */
export const formatTickMs = (ms: number): string =>
  ms < 1_000 ? `${formatTick(ms)} ms` : `${formatTick(ms / 1_000)} s`;

const seconds = (at: string) => new Date(at).getTime() / 1000;

/** As tall as a chart with its legend, so that nothing jumps when the first request comes. */
const NoRequests = () => (
  <p className="flex h-57 items-center justify-center text-13 text-fg-subtle">
    No requests in this range.
  </p>
);

/** p50, p95 and p99 over time. */
export function LatencyChart({ metrics }: { metrics: MetricsDto }) {
  const { series } = metrics;
  const { x, lines } = useMemo(
    () => ({
      x: series.map((point) => seconds(point.at)),
      lines: [
        { label: "p50", values: series.map((point) => point.p50Ms) },
        { label: "p95", values: series.map((point) => point.p95Ms) },
        { label: "p99", values: series.map((point) => point.p99Ms) },
      ],
    }),
    [series],
  );
  return (
    <ChartFrame
      title="Latency"
      summary={`p50 ${formatMs(metrics.p50Ms)}, p95 ${formatMs(metrics.p95Ms)}, p99 ${formatMs(metrics.p99Ms)} over the range.`}
      table={() => ({
        columns: ["Time", "p50 ms", "p95 ms", "p99 ms"],
        rows: series.map((point) => [point.at, point.p50Ms, point.p95Ms, point.p99Ms]),
      })}
    >
      {metrics.requests === 0 ? (
        <NoRequests />
      ) : (
        <LineChart
          x={x}
          lines={lines}
          time
          fromZero
          syncKey="deployment"
          formatY={formatMs}
          formatTickY={formatTickMs}
        />
      )}
    </ChartFrame>
  );
}

/** Requests and errors a second over time. */
export function TrafficChart({ metrics }: { metrics: MetricsDto }) {
  const { series, bucketSeconds } = metrics;
  const { x, lines } = useMemo(
    () => ({
      x: series.map((point) => seconds(point.at)),
      lines: [
        {
          label: "requests/s",
          area: true,
          values: ratesOf(series, bucketSeconds, ({ requests }) => requests),
        },
        {
          label: "errors/s",
          look: 5,
          values: ratesOf(series, bucketSeconds, ({ errors }) => errors),
        },
      ],
    }),
    [series, bucketSeconds],
  );
  return (
    <ChartFrame
      title="Requests"
      summary={`${formatCount(metrics.requests)} requests, ${formatRate(metrics.requestRate)} on average, ${formatPercent(metrics.errorRate, 2)} errors.`}
      table={() => ({
        columns: ["Time", "Requests", "Errors"],
        rows: series.map((point) => [point.at, point.requests, point.errors]),
      })}
    >
      <LineChart
        x={x}
        lines={lines}
        time
        fromZero
        syncKey="deployment"
        formatY={(value) => formatCompact(Number(value.toPrecision(3)))}
      />
    </ChartFrame>
  );
}
