"use client";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import {
  BATCH_JOB_TABS,
  batchJobSearchParams,
} from "@/app/(workspace)/[workspace]/predictions/batch-jobs/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card, Facts, Stat } from "@/components/ui/card";
import { formatBytes, formatCount, formatDuration, humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { TextLink } from "@/components/ui/text-link";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { isOver } from "@/server/predictions/jobs/constants";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";
import { BatchActions } from "./batch-actions";
import { BatchErrors } from "./batch-errors";
import { BatchProgress } from "./batch-progress";
import { BatchResult } from "./batch-result";

/** One batch job as it runs, and what came of it. */
export function BatchJobPage() {
  const { batchJob } = useParams<{ batchJob: string }>();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.predictions.batchJobs.get.queryOptions({ batchJob }),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.status) ? false : 1_000),
  });
  return <QueryView query={query}>{(job) => <JobView job={job} />}</QueryView>;
}

function JobView({ job }: { job: BatchJobDto }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(batchJobSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Predictions", href: path("predictions") },
          { label: "Batch jobs", href: path("predictions", "batch-jobs") },
        ]}
        title={`${job.datasetName} v${job.datasetVersion}`}
        status={<Status status={job.status} />}
        meta={<JobFacts job={job} />}
        actions={<BatchActions job={job} />}
      />
      {job.error && (
        <p
          role="alert"
          className="mb-4 whitespace-pre-wrap break-words rounded-lg bg-danger-soft p-3 text-13 text-danger"
        >
          <span className="font-semibold">The batch job failed.</span> {job.error}
        </p>
      )}
      {job.status === "completed" && job.rowsFailed > 0 && <FailedRows job={job} />}
      <JobState job={job} />
      <Tabs
        label="Batch job"
        value={tab}
        onChange={(next) => void setParams({ tab: next })}
        tabs={BATCH_JOB_TABS.map((value) => ({ value, label: humanize(value) }))}
      >
        {tab === "result" && <BatchResult job={job} />}
        {tab === "errors" && <BatchErrors job={job} />}
        {tab === "settings" && <JobSettings job={job} />}
      </Tabs>
    </>
  );
}

/** Said of a job that is completed all the same. */
function FailedRows({ job }: { job: BatchJobDto }) {
  const [, setParams] = useQueryStates(batchJobSearchParams);
  return (
    <p className="mb-4 rounded-lg bg-warning-soft p-3 text-13 text-warning">
      <span className="font-semibold">
        {formatCount(job.rowsFailed)} of {formatCount(job.rowsTotal)} rows got no answer.
      </span>{" "}
      The result has the reason of each in its column <code>error</code>.{" "}
      <button
        type="button"
        className="underline underline-offset-2"
        onClick={() => void setParams({ tab: "errors" })}
      >
        Show the reasons
      </button>
    </p>
  );
}

function JobFacts({ job }: { job: BatchJobDto }) {
  const { path } = useWorkspace();
  return (
    <>
      <span>
        predicted by{" "}
        <TextLink href={path("registry", job.modelId, "versions", job.versionNumber)}>
          {job.modelName} v{job.versionNumber}
        </TextLink>
      </span>
      {job.deploymentId && (
        <span>
          of <TextLink href={path("deployments", job.deploymentId)}>{job.deploymentName}</TextLink>
        </span>
      )}
      <TextLink href={path("datasets", job.datasetId)}>dataset</TextLink>
      <span>
        asked for <RelativeTime at={job.createdAt} /> by {job.createdBy ?? "Modelyard"}
      </span>
    </>
  );
}

function JobState({ job }: { job: BatchJobDto }) {
  const speed = job.rowsPerSecond;
  return (
    <Card className="mb-5">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-48 flex-1" aria-live="polite">
          <BatchProgress job={job} />
          {job.message && <p className="mt-1 text-fg-subtle text-xs">{job.message}</p>}
        </div>
        <span className="text-fg-muted text-xs">
          <Elapsed from={job.startedAt} to={job.finishedAt} />
          {job.attempt > 1 && `, attempt ${job.attempt}`}
        </span>
      </div>
      <div className="mt-4 grid grid-cols-2 gap-4 border-t pt-4 sm:grid-cols-3 lg:grid-cols-5">
        <Stat
          name="Rows with an answer"
          value={formatCount(job.rowsDone)}
          detail={`of ${formatCount(job.rowsTotal)}`}
        />
        <Stat
          name="Rows without one"
          value={formatCount(job.rowsFailed)}
          detail={job.onError === "skip" && `at most ${formatCount(job.maxErrors)}`}
        />
        <Stat name="Rows/s" value={speed === null ? "–" : formatCount(Math.round(speed))} />
        <Stat name="Time left" value={formatDuration(job.secondsLeft)} />
        <Stat
          name="Result"
          value={job.resultBytes === null ? "–" : formatBytes(job.resultBytes)}
          detail={resultText(job)}
        />
      </div>
    </Card>
  );
}

function resultText({ resultBytes, resultExpiredAt }: BatchJobDto): string | undefined {
  if (resultBytes !== null) return "Parquet";
  return resultExpiredAt === null ? undefined : `gone on ${resultExpiredAt.slice(0, 10)}`;
}

const JobSettings = ({ job }: { job: BatchJobDto }) => (
  <Card title="Settings">
    <Facts
      items={[
        {
          name: "Columns of the dataset in the result",
          value: job.columns.length === 0 ? "None" : job.columns.join(", "),
        },
        { name: "Probability of each class", value: job.probabilities ? "Yes" : "No" },
        {
          name: "A row without an answer",
          value: job.onError === "skip" ? "Keeps the reason" : "Ends the job",
        },
        { name: "Such rows at most", value: formatCount(job.maxErrors) },
      ]}
    />
  </Card>
);
