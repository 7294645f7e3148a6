"use client";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import { RUN_TABS, runSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { RunArtifacts } from "./artifacts/run-artifacts";
import { EvaluationTab } from "./evaluation/evaluation-tab";
import { RunCharts } from "./run-charts";
import { RunSource } from "./run-source";
import { RunValues } from "./run-values";

export type Run = Outputs["experiments"]["getRun"];

/** One run: curves, parameters and tags, artifacts. */
export function RunPage() {
  const { run } = useParams<{ run: string }>();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.experiments.getRun.queryOptions({ runId: run }),
    refetchInterval: ({ state }) => (state.data?.status === "RUNNING" ? 3_000 : false),
  });
  return <QueryView query={query}>{(data) => <RunView run={data} />}</QueryView>;
}

function RunView({ run }: { run: Run }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(runSearchParams);
  const live = run.status === "RUNNING" || run.status === "SCHEDULED";
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Experiments", href: path("experiments") },
          { label: run.experimentName, href: path("experiments", run.experimentId) },
        ]}
        title={run.name}
        status={<Status status={run.status} />}
        meta={
          <>
            <span>
              started <RelativeTime at={run.startTime} />
              {run.userName && ` by ${run.userName}`}
            </span>
            <span>
              took <Elapsed from={run.startTime} to={run.endTime} />
            </span>
            <span>
              run id <code className="select-all font-mono">{run.id.replaceAll("-", "")}</code>
            </span>
          </>
        }
      />
      <Tabs
        label="Run"
        value={tab}
        onChange={(next) => void setParams({ tab: next })}
        tabs={RUN_TABS.map((value) => ({
          value,
          label: humanize(value),
          ...(value === "artifacts" && { count: run.counts.artifacts }),
        }))}
      >
        {tab === "curves" && <RunCharts runs={[{ id: run.id, name: run.name, live }]} />}
        {tab === "values" && <RunValues run={run} />}
        {tab === "evaluation" && <EvaluationTab runId={run.id} />}
        {tab === "artifacts" && <RunArtifacts runId={run.id} />}
        {tab === "system" && <RunCharts system runs={[{ id: run.id, name: run.name, live }]} />}
        {tab === "source" && <RunSource run={run} />}
      </Tabs>
    </>
  );
}
