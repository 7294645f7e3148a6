"use client";
import { CornerDownRight, GitCompare } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount, formatMetric } from "@/components/ui/format";
import { Status } from "@/components/ui/status";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import type { ChildRun } from "./use-child-runs";

/** Runs inside this one with their status and main metrics; those inside them are indented. */
export function ChildRuns({
  lines,
  metrics,
  total,
}: {
  lines: ChildRun[];
  metrics: string[];
  total: number;
}) {
  const { path } = useWorkspace();
  const children = lines.filter((line) => line.depth === 0);
  return (
    <Card
      title={`Nested runs (${formatCount(total)})`}
      flush
      actions={
        children.length > 1 && (
          <LinkButton
            size="sm"
            href={`${path("experiments", "compare")}?runs=${children.map(({ run }) => run.id).join(",")}`}
          >
            <GitCompare aria-hidden className="size-3.5" />
            Compare
          </LinkButton>
        )
      }
    >
      <DataTable<ChildRun>
        label="Nested runs"
        rows={lines}
        rowKey={({ run }) => run.id}
        rowHref={({ run }) => path("experiments", "runs", run.id)}
        columns={columns(metrics)}
        footer={
          total > children.length && (
            <p className="border-t px-4 py-2 text-fg-subtle text-xs">
              The first {formatCount(children.length)} of {formatCount(total)} nested runs.
            </p>
          )
        }
      />
    </Card>
  );
}

const columns = (metrics: string[]): Column<ChildRun>[] => [
  {
    id: "name",
    header: "Run",
    card: "title",
    cell: ({ run, depth }) => (
      <span className={cn("inline-flex items-center gap-1.5", depth > 0 && "pl-5")}>
        {depth > 0 && <CornerDownRight aria-hidden className="size-3.5 text-fg-subtle" />}
        {run.name}
        {depth > 0 && <span className="sr-only">, inside the run above</span>}
      </span>
    ),
  },
  {
    id: "status",
    header: "Status",
    card: "corner",
    cell: ({ run }) => <Status status={run.status} />,
  },
  ...metrics.map(
    (key, at): Column<ChildRun> => ({
      id: `metric:${at}`,
      header: key,
      align: "right",
      cell: ({ run }) => {
        const metric = run.metrics.find((one) => one.key === key);
        return <span className="tabular-nums">{metric ? formatMetric(metric.value) : "–"}</span>;
      },
    }),
  ),
  { id: "started", header: "Started", cell: ({ run }) => <RelativeTime at={run.startTime} /> },
  {
    id: "took",
    header: "Took",
    align: "right",
    cell: ({ run }) => <Elapsed from={run.startTime} to={run.endTime} />,
  },
];
