"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { LoadMore } from "@/components/ui/load-more";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { LogEntry } from "./log-entry";
import { LogToolbar } from "./log-toolbar";
import { UnreadNotice } from "./unread-notice";
import { useLogQuery } from "./use-log-query";

const TAIL_MS = 2_000;

/** The requests of a deployment, or of all of the workspace, with what went in and out. */
export function PredictionLog({ deployment }: { deployment?: string }) {
  const trpc = useTRPC();
  const query = useLogQuery(deployment);
  const { params, setParams, filters, active, clear } = query;
  const log = useInfiniteQuery({
    ...trpc.predictions.listRecent.infiniteQueryOptions(filters, {
      getNextPageParam: (page) => page.nextCursor ?? undefined,
    }),
    placeholderData: keepPreviousData,
    // Following is for the first page; who reads further back is left in peace.
    refetchInterval: ({ state }) =>
      params.live && query.mayFollow && (state.data?.pages.length ?? 1) === 1 ? TAIL_MS : false,
  });
  const isNarrowed = active > 0 || params.shown !== "all";
  return (
    <>
      <LogToolbar query={query} deployment={deployment} />
      <Card flush>
        <UnreadNotice
          unread={log.data?.pages.flatMap((page) => page.unread) ?? []}
          onRetry={() => void log.refetch()}
          retrying={log.isRefetching}
        />
        <QueryView query={log} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0 && log.hasNextPage) {
              return (
                <EmptyState icon={<ScrollText aria-hidden />} title="Nothing found so far">
                  Archives are searched for some seconds at a time.
                </EmptyState>
              );
            }
            if (items.length === 0) {
              return (
                <EmptyState icon={<ScrollText aria-hidden />} title="No requests to show">
                  {isNarrowed ? (
                    <>
                      Nothing in this time fits the filters.{" "}
                      <Button variant="ghost" size="sm" onClick={clear}>
                        Clear filters
                      </Button>
                    </>
                  ) : (
                    "Every prediction is written here within seconds. Try one in the playground of a deployment, or look further back."
                  )}
                </EmptyState>
              );
            }
            return (
              <ul className="divide-y" aria-label="Requests">
                {items.map((entry) => (
                  <LogEntry
                    key={entry.requestId}
                    entry={entry}
                    showDeployment={deployment === undefined}
                    isOpen={params.open === entry.requestId}
                    onToggle={(open) => void setParams({ open: open ? entry.requestId : null })}
                  />
                ))}
              </ul>
            );
          }}
        </QueryView>
        <LoadMore query={log} />
      </Card>
    </>
  );
}
