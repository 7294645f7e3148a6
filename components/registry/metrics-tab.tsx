"use client";
import { useQuery } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import { describeSeries } from "@/components/charts/prepare/align-series";
import { useTRPC } from "@/components/trpc/client";
import type { VersionSummary } from "@/components/trpc/outputs";
import { formatMetric } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { Select } from "@/components/ui/select";
import { EmptyState, QueryView, Skeleton } from "@/components/ui/states";
import type { Model } from "./model-page";

/** Versions a chart goes back to. */
const VERSIONS_MAX = 200;

/** One metric over all versions: does the model get better? */
export function MetricsTab({ model }: { model: Model }) {
  const trpc = useTRPC();
  const versions = useQuery(
    trpc.registry.listVersions.queryOptions({ model: model.id, limit: VERSIONS_MAX }),
  );
  return (
    <QueryView query={versions} skeleton={<Skeleton className="h-72" />}>
      {(data) => <MetricOverVersions versions={data.items.toReversed()} />}
    </QueryView>
  );
}

function MetricOverVersions({ versions }: { versions: VersionSummary[] }) {
  const [{ metric }, setParams] = useQueryStates(modelSearchParams);
  const names = [
    ...new Set(
      versions.flatMap(({ metrics }) => [
        ...Object.keys(metrics.test),
        ...Object.keys(metrics.validation),
      ]),
    ),
  ].sort();
  const chosen = metric && names.includes(metric) ? metric : names[0];
  const { x, lines } = useMemo(
    () => ({
      x: versions.map((version) => version.number),
      lines: (["test", "validation"] as const).map((split) => ({
        label: split,
        values: versions.map((version) => version.metrics[split][chosen ?? ""] ?? null),
      })),
    }),
    [versions, chosen],
  );
  if (!chosen) {
    return (
      <EmptyState icon={<ChartLine aria-hidden />} title="No metrics yet">
        Each version brings its metrics on validation and test rows.
      </EmptyState>
    );
  }
  return (
    <>
      <Toolbar>
        <Select
          ariaLabel="Metric"
          value={chosen}
          onChange={(next) => void setParams({ metric: next })}
          options={names.map((name) => ({ value: name, label: name }))}
        />
      </Toolbar>
      <ChartFrame
        title={`${chosen} over versions`}
        summary={lines.map((line) => describeSeries(line, formatMetric)).join("; ")}
        table={() => ({
          columns: ["Version", "Test", "Validation"],
          rows: versions.map((version, index) => [
            version.number,
            lines[0]?.values[index] ?? null,
            lines[1]?.values[index] ?? null,
          ]),
        })}
      >
        <LineChart
          x={x}
          lines={lines}
          height={280}
          formatX={(value) => (Number.isInteger(value) ? `v${value}` : "")}
          formatY={formatMetric}
        />
      </ChartFrame>
    </>
  );
}
