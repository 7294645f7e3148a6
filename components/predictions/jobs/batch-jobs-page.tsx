"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Rows3 } from "lucide-react";
import { useQueryStates } from "nuqs";
import { batchJobsSearchParams } from "@/app/(workspace)/[workspace]/predictions/batch-jobs/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCompact, formatCount } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { StatusFilter } from "@/components/ui/status-filter";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { BATCH_JOB_STATUSES, isOver } from "@/server/predictions/jobs/constants";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";
import { BatchProgress } from "./batch-progress";
import { NewBatchJob } from "./new-batch-job";

const COLUMNS: Column<BatchJobDto>[] = [
  {
    id: "dataset",
    header: "Dataset",
    card: "title",
    className: "max-w-64 truncate",
    cell: (job) => (
      <>
        {job.datasetName}
        <span className="font-normal text-fg-subtle"> v{job.datasetVersion}</span>
      </>
    ),
  },
  { id: "status", header: "Status", card: "corner", cell: (job) => <Status status={job.status} /> },
  {
    id: "progress",
    header: "Progress",
    card: "wide",
    className: "w-56",
    cell: (job) =>
      job.status === "queued" ? (
        <span className="text-fg-subtle">{job.message ?? "waiting for a worker"}</span>
      ) : (
        <BatchProgress job={job} />
      ),
  },
  {
    id: "model",
    header: "Version",
    className: "max-w-64 truncate",
    cell: (job) => (
      <>
        {job.modelName} v{job.versionNumber}
        {job.deploymentName && <span className="text-fg-subtle"> of {job.deploymentName}</span>}
      </>
    ),
  },
  {
    id: "rows",
    header: "Rows",
    align: "right",
    cell: (job) => formatCount(job.rowsTotal),
  },
  {
    id: "errors",
    header: "Errors",
    align: "right",
    cell: (job) => (
      <span className={job.rowsFailed > 0 ? "text-danger" : "text-fg-subtle"}>
        {formatCount(job.rowsFailed)}
      </span>
    ),
  },
  {
    id: "speed",
    header: "Rows/s",
    align: "right",
    cell: (job) =>
      job.rowsPerSecond === null ? "–" : formatCompact(Math.round(job.rowsPerSecond)),
  },
  {
    id: "duration",
    header: "Duration",
    align: "right",
    cell: (job) => <Elapsed from={job.startedAt} to={job.finishedAt} />,
  },
  { id: "created", header: "Created", cell: (job) => <RelativeTime at={job.createdAt} /> },
];

/** Every batch job, newest first, as it moves. */
export function BatchJobsPage() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [{ status, create, ...chosen }, setParams] = useQueryStates(batchJobsSearchParams);
  const jobs = useInfiniteQuery({
    ...trpc.predictions.batchJobs.list.infiniteQueryOptions(
      { status: status ?? undefined },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages[0]?.items.some((job) => !isOver(job.status)) ? 2_000 : 15_000,
  });
  const start = () => void setParams({ create: true });
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Predictions", href: path("predictions") }]}
        title="Batch jobs"
        description="Every row of a dataset through one version of a model, in the background, into one file."
        actions={
          <Allowed permission="predictions:create" explain>
            <Button variant="primary" onClick={start}>
              <Plus aria-hidden className="size-3.5" />
              New batch job
            </Button>
          </Allowed>
        }
      />
      <StatusFilter
        value={status}
        onChange={(next) => void setParams({ status: next })}
        statuses={BATCH_JOB_STATUSES}
      />
      <Card flush>
        <QueryView query={jobs} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0) return <NoJobs filtered={status !== null} onStart={start} />;
            return (
              <DataTable
                label="Batch jobs"
                rows={items}
                columns={COLUMNS}
                rowKey={(job) => job.id}
                rowHref={(job) => path("predictions", "batch-jobs", job.id)}
                footer={<LoadMore query={jobs} />}
              />
            );
          }}
        </QueryView>
      </Card>
      {create && (
        <NewBatchJob
          {...chosen}
          onClose={() =>
            void setParams({ create: null, deployment: null, dataset: null, like: null })
          }
        />
      )}
    </>
  );
}

function NoJobs({ filtered, onStart }: { filtered: boolean; onStart: () => void }) {
  if (filtered) return <EmptyState icon={<Rows3 aria-hidden />} title="No such jobs" />;
  return (
    <EmptyState
      icon={<Rows3 aria-hidden />}
      title="No batch job yet"
      action={
        <Allowed permission="predictions:create" explain>
          <Button variant="primary" onClick={onStart}>
            New batch job
          </Button>
        </Allowed>
      }
    >
      Choose a deployment or a version, and a dataset with the columns it takes. A job goes on where
      it stood after any interruption.
    </EmptyState>
  );
}
