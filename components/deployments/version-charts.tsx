"use client";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import {
  deploymentSearchParams,
  PERCENTILES,
  VERSION_COUNTS,
} from "@/app/(workspace)/[workspace]/deployments/search-params";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import { formatCompact, formatMs, humanize } from "@/components/ui/format";
import { Segmented } from "@/components/ui/toggles";
import type { MetricsDto } from "@/server/deployments/metrics/schemas";
import { formatTickMs } from "./metric-charts";
import { ratesOf } from "./prepare-rates";
import { versionLines } from "./prepare-versions";

const PERCENTILE_CHOICES = PERCENTILES.map((value) => ({ value, label: value }));
const COUNT_CHOICES = VERSION_COUNTS.map((value) => ({ value, label: humanize(value) }));

/** One percentile of every version over time, in one picture. */
export function VersionLatencyChart({ metrics }: { metrics: MetricsDto }) {
  const [{ percentile }, setParams] = useQueryStates(deploymentSearchParams);
  const chart = useMemo(
    () => versionLines(metrics, ({ series }) => series.map((point) => point[`${percentile}Ms`])),
    [metrics, percentile],
  );
  return (
    <VersionChart
      title="Latency by version"
      name={`${percentile}, ms`}
      chart={chart}
      format={formatMs}
      formatTick={formatTickMs}
      controls={
        <Segmented
          label="Percentile"
          value={percentile}
          onChange={(next) => void setParams({ percentile: next })}
          choices={PERCENTILE_CHOICES}
        />
      }
    />
  );
}

/** Requests or errors a second of every version over time. */
export function VersionTrafficChart({ metrics }: { metrics: MetricsDto }) {
  const [{ count }, setParams] = useQueryStates(deploymentSearchParams);
  const chart = useMemo(
    () =>
      versionLines(metrics, ({ series }) =>
        ratesOf(series, metrics.bucketSeconds, (point) => point[count]),
      ),
    [metrics, count],
  );
  return (
    <VersionChart
      title={count === "requests" ? "Requests/s by version" : "Errors/s by version"}
      name={`${count}/s`}
      chart={chart}
      format={(value) => formatCompact(Number(value.toPrecision(3)))}
      controls={
        <Segmented
          label="What is counted"
          value={count}
          onChange={(next) => void setParams({ count: next })}
          choices={COUNT_CHOICES}
        />
      }
    />
  );
}

function VersionChart({
  title,
  name,
  chart: { x, lines },
  format,
  formatTick,
  controls,
}: {
  title: string;
  /** What a number of the table is. */
  name: string;
  chart: ReturnType<typeof versionLines>;
  format: (value: number) => string;
  formatTick?: (value: number) => string;
  controls: React.ReactNode;
}) {
  const newest = lines.map(({ label, values }) => {
    const value = values.findLast((one) => one !== null);
    return `${label} ${value === undefined || value === null ? "–" : format(value)}`;
  });
  return (
    <ChartFrame
      title={title}
      summary={`Newest: ${newest.join(", ")}.`}
      controls={controls}
      table={() => ({
        columns: ["Time", ...lines.map(({ label }) => `${label} ${name}`)],
        rows: x.map((at, row) => [
          new Date(at * 1000).toISOString(),
          ...lines.map(({ values }) => values[row] ?? null),
        ]),
      })}
    >
      <LineChart
        x={x}
        lines={lines}
        time
        fromZero
        syncKey="deployment"
        formatY={format}
        {...(formatTick && { formatTickY: formatTick })}
      />
    </ChartFrame>
  );
}
