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
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge, Status } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { RunArtifacts } from "./artifacts/run-artifacts";
import { EvaluationTab } from "./evaluation/evaluation-tab";
import { ChildRuns } from "./run/child-runs";
import { ParentLink } from "./run/parent-link";
import { RunActions } from "./run/run-actions";
import { RunNotes } from "./run/run-notes";
import { parentOf, useChildRuns } from "./run/use-child-runs";
import { RunCharts } from "./run-charts";
import { RunSource } from "./run-source";
import { RunValues } from "./run-values";

export type Run = Outputs["experiments"]["getRun"];

/** How often a run that is not at its end is asked for again, milliseconds. */
const LIVE_MS = 3_000;

const isLive = (run: Run | undefined) =>
  run?.deletedAt === null && (run.status === "RUNNING" || run.status === "SCHEDULED");

/** One run: notes, curves, parameters and tags, artifacts, the runs inside it. */
export function RunPage() {
  const { run } = useParams<{ run: string }>();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.experiments.getRun.queryOptions({ runId: run }),
    refetchInterval: ({ state }) => (isLive(state.data) ? LIVE_MS : false),
  });
  return <QueryView query={query}>{(data) => <RunView run={data} />}</QueryView>;
}

function RunView({ run }: { run: Run }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(runSearchParams);
  const live = isLive(run);
  const nested = useChildRuns(run, tab === "nested");
  const parent = parentOf(run);
  // A tab that would be empty for most runs is there only for those that have nested ones.
  const tabs = RUN_TABS.filter((value) => value !== "nested" || nested.total > 0 || tab === value);
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Experiments", href: path("experiments") },
          { label: run.experimentName, href: path("experiments", run.experimentId) },
        ]}
        title={run.name}
        status={
          <>
            <Status status={run.status} />
            {run.deletedAt && <Badge>Archived</Badge>}
          </>
        }
        actions={<RunActions run={run} isLive={live} />}
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
            {parent && (
              <span>
                inside <ParentLink runId={parent} />
              </span>
            )}
          </>
        }
      />
      <Tabs
        label="Run"
        value={tab}
        onChange={(next) => void setParams({ tab: next })}
        tabs={tabs.map((value) => ({
          value,
          label: value === "nested" ? "Nested runs" : humanize(value),
          ...(value === "artifacts" && { count: run.counts.artifacts }),
          ...(value === "nested" && { count: nested.total }),
        }))}
      >
        {tab === "curves" && <RunCharts runs={[{ id: run.id, name: run.name, live }]} />}
        {tab === "notes" && <RunNotes run={run} />}
        {tab === "nested" && (
          <QueryView query={nested.query} skeleton={<TableSkeleton />}>
            {() => <ChildRuns {...nested} />}
          </QueryView>
        )}
        {tab === "values" && <RunValues run={run} />}
        {tab === "evaluation" && <EvaluationTab runId={run.id} />}
        {tab === "artifacts" && <RunArtifacts runId={run.id} />}
        {tab === "system" && <RunCharts system runs={[{ id: run.id, name: run.name, live }]} />}
        {tab === "source" && <RunSource run={run} />}
      </Tabs>
    </>
  );
}
