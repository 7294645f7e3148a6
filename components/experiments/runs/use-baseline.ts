"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { fromConditions } from "./conditions";
import { askedColumns, type RunRow } from "./use-run-rows";

/** The run others are compared with, wherever the table's filter and pages leave it. */
export function useBaseline({
  base,
  rows,
  columns,
}: {
  base: string | null;
  rows: readonly RunRow[];
  columns: readonly string[];
}): RunRow | undefined {
  const trpc = useTRPC();
  const loaded = rows.find((run) => run.id === base);
  const query = useQuery({
    ...trpc.experiments.searchRuns.queryOptions({
      filter: fromConditions({
        joiner: "and",
        terms: [
          {
            kind: "text",
            field: { entity: "attribute", key: "run_id" },
            operator: "=",
            value: base?.replaceAll("-", "") ?? "",
          },
        ],
      }),
      view: "all",
      columns: askedColumns(columns),
      limit: 1,
    }),
    enabled: base !== null && loaded === undefined,
    placeholderData: keepPreviousData,
    // A run that is gone, or an address somebody mistyped, is no baseline.
    retry: false,
  });
  return loaded ?? query.data?.items.find((run) => run.id === base);
}
