"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Cpu, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { trainingSearchParams } from "@/app/(workspace)/[workspace]/training/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { LoadMore } from "@/components/ui/load-more";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { StatusFilter } from "@/components/ui/status-filter";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { isFinished, JOB_STATUSES } from "@/server/training/constants";
import type { JobDto } from "@/server/training/schemas";
import { EnvironmentBanner } from "./environment-banner";
import { JobProgress } from "./job-progress";

const COLUMNS: Column<JobDto>[] = [
  {
    id: "model",
    header: "Model",
    card: "title",
    cell: (job) => (
      <>
        {job.modelName}
        {job.versionNumber !== null && (
          <span className="font-normal text-fg-subtle"> v{job.versionNumber}</span>
        )}
      </>
    ),
  },
  { id: "status", header: "Status", card: "corner", cell: (job) => <Status status={job.status} /> },
  {
    id: "progress",
    header: "Progress",
    className: "w-56",
    cell: (job) =>
      job.status === "queued" ? (
        <span className="text-fg-subtle">{job.message ?? "waiting for a slot"}</span>
      ) : (
        <JobProgress job={job} />
      ),
  },
  { id: "algorithm", header: "Algorithm", cell: (job) => algorithmLabel(job.algorithm) },
  {
    id: "dataset",
    header: "Dataset",
    cell: (job) => `${job.datasetName} v${job.datasetVersion}`,
  },
  {
    id: "duration",
    header: "Duration",
    align: "right",
    cell: (job) => <Elapsed from={job.startedAt} to={job.finishedAt} />,
  },
  { id: "created", header: "Created", cell: (job) => <RelativeTime at={job.createdAt} /> },
];

/** Every training job, newest first, as it moves. */
export function TrainingPage() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [{ status }, setParams] = useQueryStates(trainingSearchParams);
  const jobs = useInfiniteQuery({
    ...trpc.training.list.infiniteQueryOptions(
      { status: status ?? undefined },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages[0]?.items.some((job) => !isFinished(job.status)) ? 2_000 : 15_000,
  });
  return (
    <>
      <PageHeader
        title="Training"
        description="Jobs wait in a queue by priority; each makes one version of a model."
        actions={
          <Allowed permission="training:write" explain>
            <LinkButton variant="primary" href={path("training", "new")}>
              <Plus aria-hidden className="size-3.5" />
              Start a training
            </LinkButton>
          </Allowed>
        }
      />
      <EnvironmentBanner />
      <StatusFilter
        value={status}
        onChange={(next) => void setParams({ status: next })}
        statuses={JOB_STATUSES}
      />
      <Card flush>
        <QueryView query={jobs} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items) as JobDto[];
            if (items.length === 0) return <NoJobs filtered={status !== null} />;
            return (
              <DataTable
                label="Training jobs"
                rows={items}
                columns={COLUMNS}
                rowKey={(job) => job.id}
                rowHref={(job) => path("training", job.id)}
                footer={<LoadMore query={jobs} />}
              />
            );
          }}
        </QueryView>
      </Card>
    </>
  );
}

function NoJobs({ filtered }: { filtered: boolean }) {
  const { path } = useWorkspace();
  if (filtered) return <EmptyState icon={<Cpu aria-hidden />} title="No such jobs" />;
  return (
    <EmptyState
      icon={<Cpu aria-hidden />}
      title="Nothing was trained yet"
      action={
        <Allowed permission="training:write" explain>
          <LinkButton variant="primary" href={path("training", "new")}>
            Start a training
          </LinkButton>
        </Allowed>
      }
    >
      Choose a dataset, a target column and an algorithm. Defaults are sensible.
    </EmptyState>
  );
}
