import { formatPercent } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import type { JobDto } from "@/server/training/schemas";

const TONES = {
  queued: "idle",
  running: "active",
  completed: "positive",
  failed: "danger",
  cancelled: "idle",
} as const;

/** Bar and percent of a job. */
export function JobProgress({ job }: { job: Pick<JobDto, "status" | "progress" | "modelName"> }) {
  const starting = job.status === "running" && job.progress === 0;
  return (
    <span className="inline-flex w-full min-w-32 items-center gap-2">
      <Progress
        value={starting ? null : job.progress}
        label={`Progress of ${job.modelName}`}
        tone={TONES[job.status]}
      />
      <span className="w-9 text-right text-fg-subtle text-xs tabular-nums">
        {starting ? "starts" : formatPercent(job.progress, 0)}
      </span>
    </span>
  );
}
