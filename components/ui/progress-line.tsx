import { formatPercent } from "./format";
import { Progress } from "./progress";

const TONES = {
  queued: "idle",
  running: "active",
  completed: "positive",
  failed: "danger",
  cancelled: "idle",
} as const;

/** How far a job is: bar and percent; `progress` from 0 to 1. All of it is 100% and nothing less. */
export function ProgressLine({
  status,
  progress,
  label,
}: {
  status: keyof typeof TONES;
  progress: number;
  label: string;
}) {
  const isStarting = status === "running" && progress === 0;
  return (
    <span className="inline-flex w-full min-w-32 items-center gap-2">
      <Progress value={isStarting ? null : progress} label={label} tone={TONES[status]} />
      <span className="w-10 text-right text-fg-subtle text-xs tabular-nums">
        {isStarting ? "starts" : formatPercent(Math.floor(progress * 100) / 100, 0)}
      </span>
    </span>
  );
}
