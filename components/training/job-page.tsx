"use client";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import { JOB_TABS, jobSearchParams } from "@/app/(workspace)/[workspace]/training/search-params";
import { RunCharts } from "@/components/experiments/run-charts";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card, Stat } from "@/components/ui/card";
import { formatMetric, humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { TextLink } from "@/components/ui/text-link";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { isFinished } from "@/server/training/constants";
import type { JobDto } from "@/server/training/schemas";
import { CancelButton } from "./cancel-button";
import { EnvironmentBanner } from "./environment-banner";
import { JobLog } from "./job-log";
import { JobProgress } from "./job-progress";
import { JobSettings } from "./job-settings";

/** Metrics shown as figures, those on test rows first; the others are in the curves. */
const FIGURES = 6;

/** One training job as it runs: progress, curves, log. */
export function JobPage() {
  const { job } = useParams<{ job: string }>();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.training.get.queryOptions({ job }),
    refetchInterval: ({ state }) => (state.data && isFinished(state.data.status) ? false : 1_000),
  });
  return <QueryView query={query}>{(data) => <JobView job={data as JobDto} />}</QueryView>;
}

function JobView({ job }: { job: JobDto }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(jobSearchParams);
  const live = !isFinished(job.status);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Training", href: path("training") }]}
        title={`${job.modelName}${job.versionNumber === null ? "" : ` v${job.versionNumber}`}`}
        status={<Status status={job.status} />}
        description={job.description}
        meta={<JobFacts job={job} />}
        actions={
          <>
            {job.versionNumber !== null && (
              <LinkButton
                variant="primary"
                href={path("registry", job.modelId, "versions", job.versionNumber)}
              >
                Open version {job.versionNumber}
              </LinkButton>
            )}
            {live && (
              <Allowed permission="training:write">
                <CancelButton job={job} />
              </Allowed>
            )}
          </>
        }
      />
      {live && <EnvironmentBanner />}
      {job.error && (
        <p
          role="alert"
          className="mb-4 whitespace-pre-wrap break-words rounded-lg bg-danger-soft p-3 text-13 text-danger"
        >
          <span className="font-semibold">The training failed.</span> {job.error}
        </p>
      )}
      <JobState job={job} />
      <Tabs
        label="Training job"
        value={tab}
        onChange={(next) => void setParams({ tab: next })}
        tabs={JOB_TABS.map((value) => ({ value, label: humanize(value) }))}
      >
        {tab === "curves" && <RunCharts runs={[{ id: job.runId, name: job.modelName, live }]} />}
        {tab === "log" && <JobLog key={job.id} job={job.id} live={live} />}
        {tab === "settings" && <JobSettings job={job} />}
      </Tabs>
    </>
  );
}

function JobFacts({ job }: { job: JobDto }) {
  const { path } = useWorkspace();
  return (
    <>
      <span>{algorithmLabel(job.algorithm)}</span>
      <span>
        predicts <span className="text-fg-muted">{job.target}</span> from{" "}
        <TextLink href={path("datasets", job.datasetId)}>
          {job.datasetName} v{job.datasetVersion}
        </TextLink>
      </span>
      <TextLink href={path("experiments", "runs", job.runId)}>run</TextLink>
      <span>
        asked for <RelativeTime at={job.createdAt} /> by {job.createdBy ?? "Modelyard"}
      </span>
    </>
  );
}

function JobState({ job }: { job: JobDto }) {
  const rank = (name: string) => (name.startsWith("test") ? 0 : name.startsWith("val") ? 1 : 2);
  const figures = Object.entries(job.metrics)
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, FIGURES);
  return (
    <Card className="mb-5">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-48 flex-1" aria-live="polite">
          <JobProgress job={job} />
          {job.message && <p className="mt-1 text-fg-subtle text-xs">{job.message}</p>}
        </div>
        <span className="text-fg-muted text-xs">
          <Elapsed from={job.startedAt} to={job.finishedAt} />
          {job.attempt > 1 && `, attempt ${job.attempt}`}
        </span>
      </div>
      {figures.length > 0 && (
        <div className="mt-4 grid grid-cols-2 gap-4 border-t pt-4 sm:grid-cols-3 lg:grid-cols-6">
          {figures.map(([name, value]) => (
            <Stat key={name} name={name} value={formatMetric(value)} />
          ))}
        </div>
      )}
    </Card>
  );
}
