"use client";
import { useQueries } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { chartsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useTRPC } from "@/components/trpc/client";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { Segmented, Slider, Switch } from "@/components/ui/toggles";
import { FinalValues } from "./final-values";
import { MetricChart } from "./metric-chart";
import { groupByMetric, type RunSeries } from "./prepare-curves";

export interface ChartedRun {
  id: string;
  name: string;
  /** Whether points still come. */
  live: boolean;
}

/** Two points a pixel of a wide chart. */
const POINTS_MAX = 1500;
/** Metrics drawn; a run may have hundreds. */
const KEYS_MAX = 100;

/** Names that begin so are measures of the machine, not of the model. */
const SYSTEM_PREFIX = "system/";

/** A chart for each metric; several runs lie over each other. `system` shows the machine's measures. */
export function RunCharts({ runs, system = false }: { runs: ChartedRun[]; system?: boolean }) {
  const [view, setView] = useQueryStates(chartsSearchParams);
  const { series, pending, error } = useSeries(runs, system);
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
      {(curves.length > 0 || wanted !== "") && (
        <Toolbar className="gap-x-5">
          <SearchField
            label="Find a metric"
            value={view.metric}
            onChange={(metric) => void setView({ metric })}
          />
          <Slider
            label="Smoothing"
            value={view.smoothing}
            onChange={(smoothing) => void setView({ smoothing })}
            min={0}
            max={0.99}
            step={0.01}
            format={(value) => value.toFixed(2)}
          />
          <Switch label="Log axis" checked={view.log} onChange={(log) => void setView({ log })} />
          <Segmented
            label="Horizontal axis"
            value={view.x}
            onChange={(x) => void setView({ x })}
            choices={[
              { value: "step", label: "Step" },
              { value: "time", label: "Time" },
            ]}
          />
        </Toolbar>
      )}
      <div className="grid gap-4 lg:grid-cols-2">
        {curves.map((metric) => (
          <MetricChart
            key={metric.key}
            metric={metric}
            runs={runs}
            smoothing={view.smoothing}
            logY={view.log}
            byTime={view.x === "time"}
          />
        ))}
      </div>
      {finals.length > 0 && <FinalValues metrics={finals} runs={runs} />}
    </div>
  );
}

/** The curves of every run; live ones are asked again, changes of the workspace do the rest. */
function useSeries(runs: ChartedRun[], system: boolean) {
  const trpc = useTRPC();
  const details = useQueries({
    queries: runs.map((run) => ({
      ...trpc.experiments.getRun.queryOptions({ runId: run.id }),
      refetchInterval: run.live ? 3_000 : (false as const),
    })),
  });
  const histories = useQueries({
    queries: runs.map((run, index) => {
      const keys = (details[index]?.data?.metrics ?? [])
        .map((metric) => metric.key)
        .filter((key) => key.startsWith(SYSTEM_PREFIX) === system)
        .slice(0, KEYS_MAX);
      return {
        ...trpc.experiments.metricHistory.queryOptions({
          runId: run.id,
          keys,
          maxPoints: POINTS_MAX,
        }),
        enabled: keys.length > 0,
        refetchInterval: run.live ? 2_000 : (false as const),
        placeholderData: <T,>(before: T) => before,
      };
    }),
    combine: (results) => ({
      series: results.map((result, index): RunSeries[] =>
        (result.data?.series ?? []).map((one) => ({ ...one, run: index })),
      ),
      fetching: results.some((result) => result.isLoading),
      error: results.find((result) => result.error)?.error ?? null,
    }),
  });
  const flat = useMemo(() => histories.series.flat(), [histories.series]);
  return {
    series: flat,
    pending: details.some((one) => one.isPending) || (histories.fetching && flat.length === 0),
    error: details.find((one) => one.error)?.error ?? histories.error,
  };
}
