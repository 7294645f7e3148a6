"use client";
import { useQuery } from "@tanstack/react-query";
import { Rows3 } from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { formatCount, formatMetric } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import type { BatchJobDto, BatchPreview } from "@/server/predictions/jobs/schemas";

/** Columns drawn at once; a wider table would stall the page. */
const COLUMNS_SHOWN = 100;

/** The first rows of the result, once there is one. */
export function BatchResult({ job }: { job: BatchJobDto }) {
  const trpc = useTRPC();
  const hasResult = job.resultBytes !== null;
  const preview = useQuery({
    ...trpc.predictions.batchJobs.preview.queryOptions({ batchJob: job.id }),
    enabled: hasResult,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!hasResult) {
    return (
      <Card>
        <EmptyState
          icon={<Rows3 aria-hidden />}
          title={job.resultExpiredAt ? "The result is gone" : "No result yet"}
        >
          {job.resultExpiredAt
            ? "Its time was over, as the workspace's settings say. Start the job again for a new one."
            : job.status === "failed" || job.status === "cancelled"
              ? "Resume the job to go on where it stood."
              : "The file is written when every row is through."}
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card flush title="First rows" description={`of ${formatCount(job.rowsTotal)}`}>
      <QueryView query={preview} skeleton={<TableSkeleton rows={10} />}>
        {(data) => <Rows preview={data} />}
      </QueryView>
    </Card>
  );
}

const OURS = /^(row|prediction|confidence|probability_.*|model_version)$/;
/** Empty in most rows, and not for want of a value. */
const REASON = "error";

function Rows({ preview }: { preview: BatchPreview }) {
  const columns = preview.columns.slice(0, COLUMNS_SHOWN);
  if (preview.rows.length === 0) {
    return <EmptyState icon={<Rows3 aria-hidden />} title="The dataset has no rows" />;
  }
  return (
    <ScrollRegion label="First rows of the result" className="max-h-[32rem] overflow-auto">
      <table className="w-full border-collapse text-xs">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            {columns.map((name) => (
              <th
                key={name}
                scope="col"
                className="whitespace-nowrap border-b px-3 py-2 text-left font-medium"
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row) => (
            <tr key={String(row[0])} className="hover:bg-hover">
              {columns.map((name, at) => (
                <td
                  key={name}
                  className="max-w-64 truncate whitespace-nowrap border-b px-3 py-1.5 tabular-nums"
                >
                  <CellText cell={row[at] ?? null} name={name} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function CellText({ cell, name }: { cell: string | number | boolean | null; name: string }) {
  if (cell === null && name === REASON) return null;
  if (cell === null) return <span className="text-fg-subtle italic">missing</span>;
  if (typeof cell === "string") return <span title={cell}>{cell}</span>;
  const isFraction = typeof cell === "number" && !Number.isInteger(cell);
  return (
    <span title={String(cell)}>
      {OURS.test(name) && isFraction ? formatMetric(cell) : String(cell)}
    </span>
  );
}
