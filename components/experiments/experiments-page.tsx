"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ChartLine, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue } from "react";
import { experimentsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button, LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { PageHeader, Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import type { ExperimentDto } from "@/server/experiments/schemas";
import { CreateExperimentDialog } from "./create-experiment-dialog";

const COLUMNS: Column<ExperimentDto>[] = [
  { id: "name", header: "Name", card: "title", cell: (experiment) => experiment.name },
  {
    id: "runs",
    header: "Runs",
    align: "right",
    cell: (experiment) => formatCount(experiment.runCount),
  },
  {
    id: "last",
    header: "Last run",
    cell: (experiment) => <RelativeTime at={experiment.lastRunAt} />,
  },
  {
    id: "number",
    header: "MLflow id",
    align: "right",
    cell: (experiment) => experiment.number,
  },
  { id: "by", header: "By", cell: (experiment) => experiment.createdBy ?? "Modelyard" },
  {
    id: "created",
    header: "Created",
    cell: (experiment) => <RelativeTime at={experiment.createdAt} />,
  },
];

/** Sets of training runs. */
export function ExperimentsPage() {
  const trpc = useTRPC();
  const { path, can } = useWorkspace();
  const [{ search, create }, setParams] = useQueryStates(experimentsSearchParams);
  const deferred = useDeferredValue(search.trim());
  const experiments = useInfiniteQuery({
    ...trpc.experiments.list.infiniteQueryOptions(
      { search: deferred || undefined, sort: "updatedAt" },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader
        title="Experiments"
        description="Sets of training runs, from our trainers and from any MLflow client."
        actions={
          <Allowed permission="experiments:write" explain>
            <Button variant="primary" onClick={() => void setParams({ create: true })}>
              <Plus aria-hidden className="size-3.5" />
              Create experiment
            </Button>
          </Allowed>
        }
      />
      <Toolbar>
        <SearchField
          label="Search experiments"
          value={search}
          onChange={(next) => void setParams({ search: next })}
        />
      </Toolbar>
      <Card flush>
        <QueryView query={experiments} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0) return <NoExperiments searched={deferred !== ""} />;
            return (
              <DataTable
                label="Experiments"
                rows={items}
                columns={COLUMNS}
                rowKey={(experiment) => experiment.id}
                rowHref={(experiment) => path("experiments", experiment.id)}
                footer={<LoadMore query={experiments} />}
              />
            );
          }}
        </QueryView>
      </Card>
      <CreateExperimentDialog
        open={create && can("experiments:write")}
        onOpenChange={(next) => void setParams({ create: next })}
      />
    </>
  );
}

function NoExperiments({ searched }: { searched: boolean }) {
  const { path } = useWorkspace();
  if (searched) return <EmptyState icon={<ChartLine aria-hidden />} title="Nothing matches" />;
  return (
    <EmptyState
      icon={<ChartLine aria-hidden />}
      title="No experiments yet"
      action={<LinkButton href={path("training", "new")}>Start a training</LinkButton>}
    >
      Every training logs a run by itself.
    </EmptyState>
  );
}
