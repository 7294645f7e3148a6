import { formatPercent } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";

const TONES = {
  queued: "idle",
  running: "active",
  completed: "positive",
  failed: "danger",
  cancelled: "idle",
} as const;

/** Bar and percent of a job. */
export function BatchProgress({
  job,
}: {
  job: Pick<BatchJobDto, "status" | "progress" | "datasetName">;
}) {
  const starting = job.status === "running" && job.progress === 0;
  return (
    <span className="inline-flex w-full min-w-32 items-center gap-2">
      <Progress
        value={starting ? null : job.progress}
        label={`Progress over ${job.datasetName}`}
        tone={TONES[job.status]}
      />
      <span className="w-10 text-right text-fg-subtle text-xs tabular-nums">
        {starting ? "starts" : formatPercent(Math.floor(job.progress * 100) / 100, 0)}
      </span>
    </span>
  );
}
