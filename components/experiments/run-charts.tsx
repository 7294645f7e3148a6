"use client";
import { ChartLine } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { chartsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { ChartsToolbar, zoomOf } from "./charts-toolbar";
import { FinalValues } from "./final-values";
import { MetricChart } from "./metric-chart";
import { groupByMetric, roundZoom } from "./prepare-curves";
import { type ChartedRun, useSeries } from "./use-series";

export type { ChartedRun } from "./use-series";

/** A chart for each metric; several runs lie over each other. `system` shows the machine's measures. */
export function RunCharts({ runs, system = false }: { runs: ChartedRun[]; system?: boolean }) {
  const [view, setView] = useQueryStates(chartsSearchParams);
  const byTime = view.x === "time";
  const zoom = zoomOf(view.zoom);
  const { series, origins, pending, error } = useSeries(runs, { system, byTime, zoom });
  const wanted = view.metric.trim().toLowerCase();
  const { curves, finals } = useMemo(
    () => groupByMetric(series.filter(({ key }) => key.toLowerCase().includes(wanted))),
    [series, wanted],
  );
  if (error && series.length === 0) return <ErrorState error={error} />;
  if (pending) {
    return (
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-64" />
        <Skeleton className="h-64" />
      </div>
    );
  }
  if (series.length === 0) {
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
      {(curves.length > 0 || wanted !== "") && <ChartsToolbar zoom={zoom} />}
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
    </div>
  );
}
