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
import { Segmented } from "@/components/ui/toggles";
import type { ExperimentDto } from "@/server/experiments/schemas";
import { ArchivedActions } from "./archived-actions";
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

const ARCHIVED_COLUMNS: Column<ExperimentDto>[] = [
  ...COLUMNS,
  {
    id: "actions",
    header: <span className="sr-only">Restore or delete</span>,
    card: "corner",
    align: "right",
    cell: (experiment) => <ArchivedActions experiment={experiment} />,
  },
];

/** Sets of training runs. */
export function ExperimentsPage() {
  const trpc = useTRPC();
  const { path, can } = useWorkspace();
  const [{ search, view, create }, setParams] = useQueryStates(experimentsSearchParams);
  const deferred = useDeferredValue(search.trim());
  const experiments = useInfiniteQuery({
    ...trpc.experiments.list.infiniteQueryOptions(
      { search: deferred || undefined, sort: "updatedAt", view },
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
        <Segmented
          label="Which experiments"
          value={view}
          onChange={(next) => void setParams({ view: next })}
          choices={[
            { value: "active", label: "Active" },
            { value: "deleted", label: "Archived" },
          ]}
        />
      </Toolbar>
      <Card flush>
        <QueryView query={experiments} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0)
              return <NoExperiments searched={deferred !== ""} archived={view === "deleted"} />;
            return (
              <DataTable
                label="Experiments"
                rows={items}
                columns={view === "deleted" ? ARCHIVED_COLUMNS : COLUMNS}
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

function NoExperiments({ searched, archived }: { searched: boolean; archived: boolean }) {
  const { path } = useWorkspace();
  if (archived && !searched) {
    return <EmptyState icon={<ChartLine aria-hidden />} title="Nothing archived" />;
  }
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
