"use client";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "@/components/trpc/client";
import { askedWindow, type RunSeries, runOrigins, type Zoom } from "./prepare-curves";

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
/** How often the points of a running run are asked for again, milliseconds. */
const LIVE_MS = 2_000;

/** Names that begin so are measures of the machine, not of the model. */
const SYSTEM_PREFIX = "system/";

interface View {
  system: boolean;
  byTime: boolean;
  zoom: Zoom | null;
}

/**
 * The curves of every run, finer inside the zoom; live ones are asked again, changes of the workspace
 * do the rest. Until the finer points are there the coarse ones are shown.
 */
export function useSeries(runs: ChartedRun[], { system, byTime, zoom }: View) {
  const trpc = useTRPC();
  const details = useQueries({
    queries: runs.map((run) => ({
      ...trpc.experiments.getRun.queryOptions({ runId: run.id }),
      refetchInterval: run.live ? 3_000 : (false as const),
    })),
  });
  const keysOf = (index: number) =>
    (details[index]?.data?.metrics ?? [])
      .map((metric) => metric.key)
      .filter((key) => key.startsWith(SYSTEM_PREFIX) === system)
      .slice(0, KEYS_MAX);
  const whole = useHistories(runs.map((run, index) => ({ run, keys: keysOf(index) })));
  const origins = useMemo(() => runOrigins(whole.series), [whole.series]);
  const zoomed = useHistories(
    runs.map((run, index) => {
      const keys = whole.series
        .filter((one) => one.run === index && one.sampled)
        .map(({ key }) => key);
      const window = zoom && askedWindow(zoom, byTime, origins.get(index) ?? 0);
      return { run, keys: window ? keys : [], ...(window && { window }) };
    }),
  );
  const series = useMemo(() => {
    const nameOf = ({ run, key }: RunSeries) => `${run} ${key}`;
    const finer = new Map(zoomed.series.map((one) => [nameOf(one), one]));
    return whole.series.map((one) => finer.get(nameOf(one)) ?? one);
  }, [whole.series, zoomed.series]);
  return {
    series,
    origins,
    pending: details.some((one) => one.isPending) || (whole.fetching && series.length === 0),
    error: details.find((one) => one.error)?.error ?? whole.error,
  };
}

interface Asked {
  run: ChartedRun;
  /** None: nothing is asked. */
  keys: string[];
  window?: ReturnType<typeof askedWindow>;
}

function useHistories(asked: Asked[]) {
  const trpc = useTRPC();
  const found = useQueries({
    queries: asked.map(({ run, keys, window }) => ({
      ...trpc.experiments.metricHistory.queryOptions({
        runId: run.id,
        keys,
        maxPoints: POINTS_MAX,
        ...(window && { window }),
      }),
      enabled: keys.length > 0,
      refetchInterval: run.live ? LIVE_MS : (false as const),
      // The points of another window would be taken for those of this one.
      ...(!window && { placeholderData: <T>(before: T) => before }),
    })),
    combine: (results) => ({
      perRun: results.map((result) => result.data),
      fetching: results.some((result) => result.isLoading),
      error: results.find((result) => result.error)?.error ?? null,
    }),
  });
  const series = useMemo(
    () =>
      found.perRun.flatMap((data, run): RunSeries[] =>
        (data?.series ?? []).map((one) => ({ ...one, run })),
      ),
    [found.perRun],
  );
  return { series, fetching: found.fetching, error: found.error };
}
