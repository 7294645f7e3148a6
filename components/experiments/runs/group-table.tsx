"use client";
import { useQuery } from "@tanstack/react-query";
import { Rows3 } from "lucide-react";
import { useMemo, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount, formatMetric, formatPlural } from "@/components/ui/format";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import type { Comparison } from "@/server/experiments/filter/syntax";
import { fromConditions } from "./conditions";
import { columnName, parseColumn } from "./run-columns";
import { askedColumns } from "./use-run-rows";

type Group = Outputs["experiments"]["groupRuns"]["groups"][number];

/** Metrics a table of groups shows. */
const METRICS_MAX = 20;

/** Runs with equal parameters as one line: how many, and each metric's mean with its 95 % interval. */
export function GroupTable({
  experimentIds,
  filter,
  view,
  group,
  columns,
  onOpen,
}: {
  experimentIds: string[];
  filter: string;
  view: "active" | "deleted";
  group: string[];
  columns: string[];
  /** Shows the runs of one group. */
  onOpen: (filter: string) => void;
}) {
  const trpc = useTRPC();
  const keys = useMemo(
    () =>
      group.flatMap((id) => {
        const column = parseColumn(id);
        return column && (column.kind === "param" || column.kind === "tag") ? [column] : [];
      }),
    [group],
  );
  const query = useQuery({
    ...trpc.experiments.groupRuns.queryOptions({
      experimentIds,
      filter,
      view,
      groupBy: keys,
      metrics: askedColumns(columns).metrics.slice(0, METRICS_MAX),
    }),
    enabled: keys.length > 0,
    placeholderData: (before) => before,
  });
  const [sort, setSort] = useState({ id: "runs", desc: true });
  return (
    <Card flush>
      <QueryView query={query} skeleton={<TableSkeleton />}>
        {({ groups, isComplete }) =>
          groups.length === 0 ? (
            <EmptyState icon={<Rows3 aria-hidden />} title="No run matches" />
          ) : (
            <DataTable<Group>
              label="Groups of runs"
              rows={sorted(groups, sort)}
              columns={groupColumns(keys.map(columnName), groups, (row) =>
                onOpen(groupFilter(filter, keys, row)),
              )}
              rowKey={(row) => JSON.stringify(row.values)}
              sort={sort}
              onSort={setSort}
              footer={
                <p className="border-t px-4 py-2 text-fg-subtle text-xs">
                  {formatPlural(groups.length, "group")}
                  {isComplete ? "" : ", the largest ones"}. Mean over all runs of a group, ± half of
                  the 95 % confidence interval.
                </p>
              }
            />
          )
        }
      </QueryView>
    </Card>
  );
}

function groupColumns(
  names: string[],
  groups: Group[],
  open: (group: Group) => void,
): Column<Group>[] {
  return [
    ...names.map(
      (name, at): Column<Group> => ({
        id: `key:${at}`,
        header: <span className="font-mono">{name}</span>,
        card: at === 0 ? "title" : "wide",
        sortValue: (row) => row.values[at] ?? null,
        cell: (row) => row.values[at] ?? <span className="text-fg-subtle">none</span>,
      }),
    ),
    {
      id: "runs",
      header: "Runs",
      align: "right",
      sortValue: (row) => row.runs,
      cell: (row) => (
        <Button size="sm" variant="ghost" onClick={() => open(row)}>
          {formatCount(row.runs)}
          <span className="sr-only"> runs: show them</span>
        </Button>
      ),
    },
    ...(groups[0]?.metrics ?? []).map(
      ({ key, aggregate }, at): Column<Group> => ({
        id: `metric:${at}`,
        header: aggregate === "last" ? key : `${aggregate} ${key}`,
        align: "right",
        sortValue: (row) => row.metrics[at]?.mean ?? null,
        cell: (row) => <Mean metric={row.metrics[at]} />,
      }),
    ),
  ];
}

function Mean({ metric }: { metric: Group["metrics"][number] | undefined }) {
  if (!metric || metric.mean === null) return <span className="text-fg-subtle">–</span>;
  const half = metric.high === null || metric.low === null ? null : (metric.high - metric.low) / 2;
  return (
    <span title={`${metric.n} runs, standard deviation ${formatMetric(metric.standardDeviation)}`}>
      {formatMetric(metric.mean)}
      {half !== null && <span className="ml-1 text-2xs text-fg-subtle">±{formatMetric(half)}</span>}
    </span>
  );
}

function sorted(groups: Group[], { id, desc }: { id: string; desc: boolean }): Group[] {
  const [kind, at = "0"] = id.split(":");
  const of = (row: Group): string | number | null => {
    if (kind === "runs") return row.runs;
    if (kind === "key") return row.values[Number(at)] ?? null;
    return row.metrics[Number(at)]?.mean ?? null;
  };
  return groups.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : String(left).localeCompare(String(right), "en", { numeric: true });
    return desc ? -order : order;
  });
}

/** The filter that leaves the runs of one group. */
export function groupFilter(
  filter: string,
  keys: { kind: "param" | "tag"; key: string }[],
  row: Pick<Group, "values">,
): string {
  const terms = keys.map(({ kind, key }, at): Comparison => {
    const field = { entity: kind === "param" ? ("parameter" as const) : ("tag" as const), key };
    const value = row.values[at];
    return value === null || value === undefined
      ? { kind: "null", field, operator: "IS NULL" }
      : { kind: "text", field, operator: "=", value };
  });
  const group = fromConditions({ joiner: "and", terms });
  return filter.trim() === "" ? group : `(${filter}) AND ${group}`;
}
