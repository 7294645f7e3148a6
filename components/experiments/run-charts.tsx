"use client";
import { ChartLine } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue, useMemo, useState } from "react";
import { chartsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/components/ui/format";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { ChartsToolbar, zoomOf } from "./charts-toolbar";
import { FinalValues } from "./final-values";
import { MetricChart } from "./metric-chart";
import { groupByMetric, roundZoom, tellApart } from "./prepare-curves";
import { type ChartedRun, useSeries } from "./use-series";

export type { ChartedRun } from "./use-series";

/** Runs from which on a page begins with fewer charts. */
const MANY_RUNS = 20;
/** Metrics a page begins with and goes on by; of many runs, fewer. */
const METRICS_SHOWN = 60;
const METRICS_SHOWN_OF_MANY = 8;

/** A chart for each metric; several runs lie over each other. `system` shows the machine's measures. */
export function RunCharts({
  runs: asked,
  system = false,
}: {
  runs: ChartedRun[];
  system?: boolean;
}) {
  const runs = useMemo(() => tellApart(asked), [asked]);
  const step = runs.length > MANY_RUNS ? METRICS_SHOWN_OF_MANY : METRICS_SHOWN;
  const [shown, setShown] = useState(step);
  const [view, setView] = useQueryStates(chartsSearchParams);
  const byTime = view.x === "time";
  const zoom = zoomOf(view.zoom);
  const search = useDeferredValue(view.metric);
  const { series, origins, found, hasAny, pending, error } = useSeries(runs, {
    system,
    byTime,
    zoom,
    search,
    shown,
  });
  const { curves, finals } = useMemo(() => groupByMetric(series), [series]);
  if (error && series.length === 0) return <ErrorState error={error} />;
  if (pending && search === "") {
    return (
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-64" />
        <Skeleton className="h-64" />
      </div>
    );
  }
  if (!hasAny) {
    return (
      <EmptyState icon={<ChartLine aria-hidden />} title="No metrics yet">
        {system
          ? "Processor, memory and GPU appear here when the client logs them: mlflow.enable_system_metrics_logging()."
          : "Curves appear here as the run logs them."}
      </EmptyState>
    );
  }
  return (
    <div className="space-y-4">
      {(curves.length > 0 || view.metric !== "") && <ChartsToolbar zoom={zoom} />}
      {found === 0 && <EmptyState title="No metric has such a name" />}
      <div className="grid gap-4 lg:grid-cols-2">
        {curves.map((metric) => (
          <MetricChart
            key={metric.key}
            metric={metric}
            runs={runs}
            origins={origins}
            smoothing={view.smoothing}
            logX={view.logx}
            logY={view.log}
            byTime={byTime}
            zoom={zoom}
            onZoom={(next) => void setView({ zoom: next && roundZoom(next) })}
          />
        ))}
      </div>
      {finals.length > 0 && <FinalValues metrics={finals} runs={runs} />}
      {found > shown && (
        <div className="flex items-center justify-center gap-3">
          <Button onClick={() => setShown(shown + step)}>Show more metrics</Button>
          <span className="text-fg-subtle text-xs tabular-nums">
            {formatCount(shown)} of {formatCount(found)}
          </span>
        </div>
      )}
    </div>
  );
}
