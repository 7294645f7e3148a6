"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { parseColumn } from "./run-columns";

export type RunRow = Outputs["experiments"]["searchRuns"]["items"][number];

/** Runs a page holds; the grid asks for the next one as its end comes into sight. */
const PAGE = 100;
/** How often a table with running runs is asked again, milliseconds. */
const LIVE_MS = 5_000;

/** Only what the columns show is read, so that a page of wide runs stays small. */
export function askedColumns(ids: readonly string[]) {
  const columns = ids.flatMap((id) => parseColumn(id) ?? []);
  return {
    metrics: columns.flatMap((one) =>
      one.kind === "metric" ? [{ key: one.key, aggregate: one.aggregate }] : [],
    ),
    params: columns.flatMap((one) => (one.kind === "param" ? [one.key] : [])),
    tags: columns.flatMap((one) => (one.kind === "tag" ? [one.key] : [])),
  };
}

/** The rows of the runs table, page after page. */
export function useRunRows({
  experimentIds,
  filter,
  orderBy,
  view,
  columns,
  enabled,
}: {
  experimentIds: string[];
  filter: string;
  orderBy: string[];
  view: "active" | "deleted";
  columns: readonly string[];
  enabled: boolean;
}) {
  const trpc = useTRPC();
  const query = useInfiniteQuery({
    ...trpc.experiments.searchRuns.infiniteQueryOptions(
      {
        experimentIds,
        filter,
        orderBy,
        view,
        columns: askedColumns(columns),
        limit: PAGE,
        withTotal: true,
      },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    enabled,
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      // Many pages are not asked again by the clock; a change of the workspace renews them.
      const live = pages.length === 1 && pages[0]?.items.some((run) => run.status === "RUNNING");
      return live ? LIVE_MS : false;
    },
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { query, rows, total: query.data?.pages[0]?.total ?? null };
}
