"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Gauge, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { LoadMore } from "@/components/ui/load-more";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, Skeleton } from "@/components/ui/states";
import { isOver } from "@/server/registry/benchmarks/constants";
import { BenchmarkCard } from "./benchmark-card";
import { BenchmarkDialog } from "./benchmark-dialog";
import type { Model } from "./model-page";

/** While one runs, its progress is asked for at this pace. */
const POLL_MS = 1_000;

/** Versions measured on the same rows of one dataset. */
export function BenchmarksTab({ model }: { model: Model }) {
  const trpc = useTRPC();
  const [{ benchmark }, setParams] = useQueryStates(modelSearchParams);
  const benchmarks = useInfiniteQuery({
    ...trpc.registry.listBenchmarks.infiniteQueryOptions(
      { model: model.id, limit: 20 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((one) => !isOver(one.status)))
        ? POLL_MS
        : false,
  });
  return (
    <>
      <Toolbar className="justify-between">
        <p className="text-13 text-fg-muted">
          Versions predict the same rows, so that their metrics can be compared.
        </p>
        {model.latestVersion !== null && (
          <Allowed permission="models:write" explain>
            <Button variant="primary" onClick={() => void setParams({ benchmark: true })}>
              <Plus aria-hidden className="size-3.5" />
              Benchmark versions
            </Button>
          </Allowed>
        )}
      </Toolbar>
      <QueryView query={benchmarks} skeleton={<Skeleton className="h-40" />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return (
              <EmptyState icon={<Gauge aria-hidden />} title="No benchmarks yet">
                Choose a dataset with the truth in a column; each version predicts its rows.
              </EmptyState>
            );
          }
          return (
            <div className="space-y-4">
              {items.map((one) => (
                <BenchmarkCard key={one.id} benchmark={one} />
              ))}
            </div>
          );
        }}
      </QueryView>
      <LoadMore query={benchmarks} />
      {benchmark && (
        <BenchmarkDialog model={model} onClose={() => void setParams({ benchmark: false })} />
      )}
    </>
  );
}
