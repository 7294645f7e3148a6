"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue, useMemo } from "react";
import { runsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { DataTable } from "@/components/ui/data-table";
import { humanize } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Select } from "@/components/ui/select";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RUN_STATUSES } from "@/server/experiments/constants";
import type { RunDto } from "@/server/experiments/schemas";
import { ColumnMenu } from "./column-menu";
import { dynamicColumns, fixedColumns } from "./run-columns";

/** Runs drawn over each other at most; more are told apart by nobody. */
const COMPARED_MAX = 8;

/** Runs with their parameters and metrics as columns; sorting is the server's work. */
export function RunsTable({ experiment }: { experiment: string }) {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [params, setParams] = useQueryStates(runsSearchParams);
  const deferred = useDeferredValue(params.search.trim());
  const metric = params.sort.startsWith("metric:") ? params.sort.slice(7) : undefined;
  const runs = useInfiniteQuery({
    ...trpc.experiments.listRuns.infiniteQueryOptions(
      {
        experiment,
        search: deferred || undefined,
        status: params.status ?? undefined,
        sort: metric ? "metric" : params.sort === "name" ? "name" : "startTime",
        metric,
        order: params.desc ? "desc" : "asc",
      },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
  });
  const items = useMemo(() => runs.data?.pages.flatMap((page) => page.items) ?? [], [runs.data]);
  const dynamic = useMemo(() => dynamicColumns(items), [items]);
  const columns = useMemo(() => {
    const toggle = (id: string, on: boolean) =>
      void setParams({
        runs: on ? [...params.runs, id] : params.runs.filter((other) => other !== id),
      });
    const full = params.runs.length >= COMPARED_MAX;
    return [
      ...fixedColumns({ chosen: params.runs, full, toggle }),
      ...dynamic.filter((column) => !params.hidden.includes(column.id)),
    ];
  }, [dynamic, params.runs, params.hidden, setParams]);
  return (
    <>
      <Toolbar>
        <SearchField
          label="Search runs"
          value={params.search}
          onChange={(search) => void setParams({ search })}
        />
        <Select
          ariaLabel="Status"
          value={params.status ?? "all"}
          onChange={(next) => void setParams({ status: next === "all" ? null : next })}
          options={[
            { value: "all" as const, label: "Every status" },
            ...RUN_STATUSES.map((value) => ({ value, label: humanize(value.toLowerCase()) })),
          ]}
        />
        <ColumnMenu
          columns={dynamic.map((column) => ({ id: column.id, label: column.name }))}
          hidden={params.hidden}
          onHidden={(hidden) => void setParams({ hidden })}
        />
        {params.runs.length >= 2 && (
          <LinkButton
            variant="primary"
            className="ml-auto"
            href={`${path("experiments", "compare")}?runs=${params.runs.join(",")}`}
          >
            Compare {params.runs.length} runs
          </LinkButton>
        )}
      </Toolbar>
      <Card flush>
        <QueryView query={runs} skeleton={<TableSkeleton />}>
          {() =>
            items.length === 0 ? (
              <NoRuns filtered={deferred !== "" || params.status !== null} />
            ) : (
              <DataTable<RunDto>
                label="Runs"
                rows={items}
                columns={columns}
                rowKey={(run) => run.id}
                rowHref={(run) => path("experiments", "runs", run.id)}
                sort={{ id: params.sort, desc: params.desc }}
                onSort={(next) => void setParams({ sort: next.id, desc: next.desc })}
                footer={<LoadMore query={runs} />}
              />
            )
          }
        </QueryView>
      </Card>
    </>
  );
}

function NoRuns({ filtered }: { filtered: boolean }) {
  const { path } = useWorkspace();
  if (filtered) return <EmptyState icon={<ChartLine aria-hidden />} title="Nothing matches" />;
  return (
    <EmptyState
      icon={<ChartLine aria-hidden />}
      title="No runs yet"
      action={<LinkButton href={path("training", "new")}>Start a training</LinkButton>}
    >
      Every training logs a run by itself. Your own programs log with the MLflow client:
      <CodeBlock
        className="mt-3"
        label="MLflow settings"
        code={`export MLFLOW_TRACKING_URI=${window.location.origin}\nexport MLFLOW_TRACKING_TOKEN=<an API key>`}
      />
    </EmptyState>
  );
}
