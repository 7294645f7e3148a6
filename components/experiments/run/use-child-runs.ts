"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "@/components/trpc/client";
import type { RunRow } from "../runs/use-run-rows";

/** The tag a client gives to a run inside another one. */
const PARENT_TAG = "mlflow.parentRunId";
/** Runs a level shows at most. */
const LEVEL_MAX = 200;
/** Metrics asked for, the most logged of the experiment first; those of these runs are shown. */
const METRICS_ASKED = 20;
const METRICS_SHOWN = 4;
/** How often running runs are asked for again, milliseconds. */
const LIVE_MS = 3_000;

export interface ChildRun {
  run: RunRow;
  /** 0 for a child, 1 for a child's child. */
  depth: number;
  /** Its place among its siblings. */
  position: number;
  siblings: number;
}

const hexOf = (id: string) => id.replaceAll("-", "");

const dashedOf = (id: string) => {
  const hex = hexOf(id);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** The run's parent as its tags say. */
export const parentOf = (run: { tags: { key: string; value: string }[] }): string | undefined =>
  run.tags.find((tag) => tag.key === PARENT_TAG)?.value || undefined;

/** Runs that name one of `parents`, whose ids clients write with or without dashes. */
const childFilter = (parents: string[]) =>
  `tags."${PARENT_TAG}" IN (${parents.flatMap((id) => [`'${hexOf(id)}'`, `'${dashedOf(id)}'`]).join(", ")})`;

function useLevel(parents: string[], experimentId: string, metrics: string[], enabled: boolean) {
  const trpc = useTRPC();
  return useQuery({
    ...trpc.experiments.searchRuns.queryOptions({
      experimentIds: [experimentId],
      filter: childFilter(parents),
      orderBy: ["start_time ASC"],
      columns: { metrics: metrics.map((key) => ({ key })), tags: [PARENT_TAG] },
      limit: LEVEL_MAX,
      withTotal: true,
    }),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((run) => run.status === "RUNNING") ? LIVE_MS : false,
  });
}

/** Runs inside a run and those inside them, as lines of a tree, with the experiment's main metrics. */
export function useChildRuns(run: { id: string; experimentId: string }, isShown: boolean) {
  const trpc = useTRPC();
  const known = useQuery({
    ...trpc.experiments.listColumns.queryOptions({ experimentIds: [run.experimentId] }),
    enabled: isShown,
  });
  const metrics = useMemo(
    () =>
      (known.data?.metrics ?? [])
        .filter(({ key }) => !key.startsWith("system/"))
        .toSorted((a, b) => b.runs - a.runs)
        .slice(0, METRICS_ASKED)
        .map(({ key }) => key),
    [known.data],
  );
  const children = useLevel([run.id], run.experimentId, metrics, true);
  const ids = children.data?.items.map(({ id }) => id) ?? [];
  const grandchildren = useLevel(ids, run.experimentId, metrics, isShown && ids.length > 0);
  const lines = useMemo(
    () => toLines(children.data?.items ?? [], grandchildren.data?.items ?? []),
    [children.data, grandchildren.data],
  );
  return {
    query: children,
    lines,
    metrics: loggedOf(metrics, lines).slice(0, METRICS_SHOWN),
    total: children.data?.total?.count ?? 0,
  };
}

/** Those of `metrics` that a line has, in their order. */
function loggedOf(metrics: string[], lines: ChildRun[]): string[] {
  const logged = new Set(lines.flatMap(({ run }) => run.metrics.map(({ key }) => key)));
  return metrics.filter((key) => logged.has(key));
}

function toLines(children: RunRow[], grandchildren: RunRow[]): ChildRun[] {
  const inside = Map.groupBy(grandchildren, (run) => hexOf(parentOf(run) ?? ""));
  const level = (runs: RunRow[], depth: number): ChildRun[] =>
    runs.flatMap((run, index) => [
      { run, depth, position: index + 1, siblings: runs.length },
      ...(depth === 0 ? level(inside.get(hexOf(run.id)) ?? [], 1) : []),
    ]);
  return level(children, 0);
}
