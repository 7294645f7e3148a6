"use client";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "@/components/trpc/client";
import { askedWindow, byName, type RunSeries, runOrigins, type Zoom } from "./prepare-curves";

export interface ChartedRun {
  id: string;
  name: string;
  /** Whether points still come. */
  live: boolean;
  /** Metrics it logged, when they are known already. */
  keys?: string[];
}

/** Two points a pixel of a wide chart, for a few runs; many share what a browser draws without a pause. */
const POINTS_MAX = 1500;
const POINTS_MIN = 100;
const POINTS_OF_ALL = 20_000;
const pointsFor = (runs: number): number =>
  Math.min(POINTS_MAX, Math.max(POINTS_MIN, Math.floor(POINTS_OF_ALL / runs)));

/** How often the points of a running run are asked for again, milliseconds; of ten half as often. */
const LIVE_MS = 2_000;
const LIVE_AT_ONCE = 10;

/** Names that begin so are measures of the machine, not of the model. */
const SYSTEM_PREFIX = "system/";

interface View {
  system: boolean;
  byTime: boolean;
  zoom: Zoom | null;
  /** Part of the names of the metrics drawn. */
  search: string;
  /** Metrics drawn at most. */
  shown: number;
}

/**
 * The curves of every run, finer inside the zoom; live ones are asked again, changes of the workspace
 * do the rest. Until the finer points are there the coarse ones are shown. `found` metrics have a
 * name that was searched for, the first `shown` of them are here.
 */
export function useSeries(runs: ChartedRun[], { system, byTime, zoom, search, shown }: View) {
  const logged = useLoggedKeys(runs, system);
  const wanted = useMemo(() => {
    const text = search.trim().toLowerCase();
    const names = [...new Set(logged.perRun.flat())].sort(byName);
    return names.filter((key) => key.toLowerCase().includes(text));
  }, [logged.perRun, search]);
  const drawn = useMemo(() => new Set(wanted.slice(0, shown)), [wanted, shown]);
  const whole = useHistories(
    runs.map((run, index) => ({
      run,
      keys: (logged.perRun[index] ?? []).filter((key) => drawn.has(key)),
    })),
  );
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
    return whole.series
      .filter(({ key }) => drawn.has(key))
      .map((one) => finer.get(nameOf(one)) ?? one);
  }, [whole.series, zoomed.series, drawn]);
  return {
    series,
    origins,
    found: wanted.length,
    /** Whether the runs logged any metric of the kind. */
    hasAny: logged.perRun.some((keys) => keys.length > 0),
    pending: logged.pending || (whole.fetching && series.length === 0),
    error: logged.error ?? whole.error,
  };
}

/** Names of the metrics each run logged, of the model or of the machine. */
function useLoggedKeys(runs: ChartedRun[], system: boolean) {
  const trpc = useTRPC();
  const details = useQueries({
    queries: runs.map((run) => ({
      ...trpc.experiments.getRun.queryOptions({ runId: run.id }),
      enabled: run.keys === undefined,
      refetchInterval: run.live ? 3_000 : (false as const),
    })),
    combine: (results) => ({
      perRun: results.map(({ data }) => data?.metrics.map(({ key }) => key)),
      pending: results.some((one) => one.isLoading),
      error: results.find((one) => one.error)?.error ?? null,
    }),
  });
  const perRun = useMemo(
    () =>
      runs.map((run, index) =>
        (run.keys ?? details.perRun[index] ?? []).filter(
          (key) => key.startsWith(SYSTEM_PREFIX) === system,
        ),
      ),
    [runs, details.perRun, system],
  );
  return { perRun, pending: details.pending, error: details.error };
}

interface Asked {
  run: ChartedRun;
  /** None: nothing is asked. */
  keys: string[];
  window?: ReturnType<typeof askedWindow>;
}

function useHistories(asked: Asked[]) {
  const trpc = useTRPC();
  const maxPoints = pointsFor(asked.length);
  const live = asked.filter(({ run }) => run.live).length;
  const liveMs = LIVE_MS * (1 + live / LIVE_AT_ONCE);
  const found = useQueries({
    queries: asked.map(({ run, keys, window }) => ({
      ...trpc.experiments.metricHistory.queryOptions({
        runId: run.id,
        keys,
        maxPoints,
        ...(window && { window }),
      }),
      enabled: keys.length > 0,
      refetchInterval: run.live ? liveMs : (false as const),
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
