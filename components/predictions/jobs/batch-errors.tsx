"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { ERRORS_KEPT_MAX } from "@/server/predictions/jobs/constants";
import type { BatchErrorPage, BatchJobDto } from "@/server/predictions/jobs/schemas";

type BatchError = BatchErrorPage["items"][number];

const COLUMNS: Column<BatchError>[] = [
  {
    id: "row",
    header: "Row",
    card: "title",
    className: "w-28 tabular-nums",
    cell: ({ row }) => formatCount(row),
  },
  {
    id: "message",
    header: "Why it got no answer",
    card: "wide",
    cell: ({ message }) => <span className="whitespace-normal break-words">{message}</span>,
  },
];

/** Rows of the dataset that got no answer. */
export function BatchErrors({ job }: { job: BatchJobDto }) {
  const trpc = useTRPC();
  const errors = useInfiniteQuery(
    trpc.predictions.batchJobs.errors.infiniteQueryOptions(
      { batchJob: job.id, limit: 100 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  return (
    <Card
      title="Rows without an answer"
      description={
        job.rowsFailed > ERRORS_KEPT_MAX
          ? `The first ${formatCount(ERRORS_KEPT_MAX)} of ${formatCount(job.rowsFailed)}`
          : "Rows are counted from 1, without the header."
      }
      flush
    >
      <QueryView query={errors} skeleton={<TableSkeleton />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return (
              <EmptyState icon={<CircleCheck aria-hidden />} title="Every row got an answer">
                {job.progress < 1 && "Of those that were read so far."}
              </EmptyState>
            );
          }
          return (
            <DataTable
              label="Rows without an answer"
              rows={items}
              columns={COLUMNS}
              rowKey={({ row }) => String(row)}
              footer={<LoadMore query={errors} />}
            />
          );
        }}
      </QueryView>
    </Card>
  );
}
