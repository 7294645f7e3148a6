"use client";
import { useQuery } from "@tanstack/react-query";
import { GitCompare } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import {
  COMPARE_TABS,
  compareSearchParams,
} from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { LinkButton } from "@/components/ui/button";
import { formatPlural, humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import { RunCharts } from "../run-charts";
import { ComparePlots } from "./compare-plots";
import { CompareTable } from "./compare-table";
import { isLogged } from "./is-logged";

export type Comparison = Outputs["experiments"]["compareRuns"];

/** Up to 200 runs side by side: what differs, how it plays together, their curves. */
export function CompareRunsPage() {
  const { path } = useWorkspace();
  const [{ runs }] = useQueryStates(compareSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Experiments", href: path("experiments") }]}
        title="Compare runs"
        meta={<span>{formatPlural(runs.length, "run")}</span>}
      />
      {runs.length < 2 ? (
        <EmptyState
          icon={<GitCompare aria-hidden />}
          title="Choose two runs or more"
          action={<LinkButton href={path("experiments")}>Open an experiment</LinkButton>}
        >
          Mark runs in the table of an experiment, then press Compare.
        </EmptyState>
      ) : (
        <Compared runIds={runs} />
      )}
    </>
  );
}

function Compared({ runIds }: { runIds: string[] }) {
  const trpc = useTRPC();
  const [{ tab }, setParams] = useQueryStates(compareSearchParams);
  const query = useQuery({
    ...trpc.experiments.compareRuns.queryOptions({ runIds }),
    placeholderData: (before) => before,
  });
  return (
    <QueryView query={query}>
      {(data) => (
        <Tabs
          label="Comparison"
          value={tab}
          onChange={(next) => void setParams({ tab: next })}
          tabs={COMPARE_TABS.map((value) => ({ value, label: humanize(value) }))}
        >
          {tab === "differences" && <CompareTable data={data} />}
          {tab === "plots" && <ComparePlots data={data} />}
          {tab === "curves" && <Curves data={data} />}
        </Tabs>
      )}
    </QueryView>
  );
}

/** The curves of all runs over each other, metric by metric. */
function Curves({ data }: { data: Comparison }) {
  const runs = useMemo(
    () =>
      data.runs.map((run, at) => ({
        id: run.id,
        name: run.name,
        live: run.status === "RUNNING",
        keys: data.metrics.filter((metric) => isLogged(metric, at)).map(({ key }) => key),
      })),
    [data],
  );
  return <RunCharts runs={runs} />;
}
