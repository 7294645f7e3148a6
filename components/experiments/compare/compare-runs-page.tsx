"use client";
import { useQuery } from "@tanstack/react-query";
import { GitCompare } from "lucide-react";
import { useQueryStates } from "nuqs";
import {
  COMPARE_TABS,
  compareSearchParams,
} from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { LinkButton } from "@/components/ui/button";
import { formatCount, humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import { RunCharts } from "../run-charts";
import { ComparePlots } from "./compare-plots";
import { CompareTable } from "./compare-table";

export type Comparison = Outputs["experiments"]["compareRuns"];

/** Runs whose curves lie over each other; more lines are told apart by nobody. */
const CURVES_MAX = 20;

/** Up to 200 runs side by side: what differs, how it plays together, their curves. */
export function CompareRunsPage() {
  const { path } = useWorkspace();
  const [{ runs }] = useQueryStates(compareSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Experiments", href: path("experiments") }]}
        title="Compare runs"
        meta={<span>{formatCount(runs.length)} runs</span>}
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
    // Ids without dashes keep the address of 200 runs short enough for every proxy.
    ...trpc.experiments.compareRuns.queryOptions({
      runIds: runIds.map((id) => id.replaceAll("-", "")),
    }),
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
          {tab === "curves" && (
            <div className="space-y-3">
              {data.runs.length > CURVES_MAX && (
                <p className="text-13 text-fg-muted">
                  Curves of the first {CURVES_MAX} of {data.runs.length} runs.
                </p>
              )}
              <RunCharts
                runs={data.runs.slice(0, CURVES_MAX).map((run) => ({
                  id: run.id,
                  name: run.name,
                  live: run.status === "RUNNING",
                }))}
              />
            </div>
          )}
        </Tabs>
      )}
    </QueryView>
  );
}
