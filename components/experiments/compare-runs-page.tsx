"use client";
import { useQueries } from "@tanstack/react-query";
import { GitCompare } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { compareSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { PageHeader } from "@/components/ui/page";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { EmptyState, ErrorState, PageSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { Switch } from "@/components/ui/toggles";
import { RunCharts } from "./run-charts";
import type { Run } from "./run-page";

/** A few runs over each other: curves and what differs in their parameters. */
export function CompareRunsPage() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [{ runs: ids }] = useQueryStates(compareSearchParams);
  const queries = useQueries({
    queries: ids.map((runId) => trpc.experiments.getRun.queryOptions({ runId })),
  });
  const error = queries.find((query) => query.error)?.error;
  const runs = queries.flatMap((query) => query.data ?? []);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Experiments", href: path("experiments") }]}
        title="Compare runs"
      />
      {ids.length < 2 ? (
        <EmptyState
          icon={<GitCompare aria-hidden />}
          title="Choose two runs or more"
          action={<LinkButton href={path("experiments")}>Open an experiment</LinkButton>}
        >
          Mark runs in the table of an experiment, then press Compare.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} />
      ) : runs.length < ids.length ? (
        <PageSkeleton />
      ) : (
        <div className="space-y-5">
          <ParameterTable runs={runs} />
          <RunCharts
            runs={runs.map((run) => ({
              id: run.id,
              name: run.name,
              live: run.status === "RUNNING",
            }))}
          />
        </div>
      )}
    </>
  );
}

function ParameterTable({ runs }: { runs: Run[] }) {
  const { path } = useWorkspace();
  const [{ all }, setParams] = useQueryStates(compareSearchParams);
  const names = [...new Set(runs.flatMap((run) => run.params.map((param) => param.key)))].sort();
  const rows = names
    .map((name) => {
      const values = runs.map((run) => run.params.find((param) => param.key === name)?.value);
      return { name, values, differs: new Set(values).size > 1 };
    })
    .filter((row) => all || row.differs);
  return (
    <Card
      title="Parameters"
      flush
      actions={
        <Switch
          label="Differences only"
          checked={!all}
          onChange={(on) => void setParams({ all: !on })}
        />
      }
    >
      <ScrollRegion label="Parameters of the runs" className="overflow-x-auto">
        <table className="w-full text-13">
          <thead>
            <tr className="border-b text-xs">
              <th scope="col" className="px-4 py-2 text-left font-medium text-fg-subtle">
                Parameter
              </th>
              {runs.map((run) => (
                <th key={run.id} scope="col" className="whitespace-nowrap px-4 py-2 text-left">
                  <Link
                    href={path("experiments", "runs", run.id)}
                    className="mr-2 inline-flex min-h-6 items-center hover:underline"
                  >
                    {run.name}
                  </Link>
                  <Status status={run.status} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} className="border-b last:border-b-0">
                <th scope="row" className="px-4 py-1.5 text-left font-mono font-normal text-xs">
                  {row.name}
                </th>
                {row.values.map((value, index) => (
                  <td
                    key={runs[index]?.id}
                    className={cn("max-w-64 truncate px-4 py-1.5", row.differs && "font-medium")}
                    title={value}
                  >
                    {value ?? "–"}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && (
          <p className="p-4 text-13 text-fg-muted">The parameters do not differ.</p>
        )}
      </ScrollRegion>
    </Card>
  );
}
