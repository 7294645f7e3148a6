"use client";
import { formatDuration } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import { useNow } from "@/components/ui/time";
import type { RollOutDto } from "@/server/deployments/roll-outs/schemas";

/** What a roll-out waits for now, in words, and how long the step still bakes. */
export function BakeClock({ rollOut }: { rollOut: RollOutDto }) {
  const now = useNow();
  const step = rollOut.plan.steps[rollOut.step];
  if (rollOut.state === "pending" || rollOut.state === "loading") {
    return <Line text="The version is being loaded and warmed up; what answers now goes on." />;
  }
  if (rollOut.state !== "progressing" || !step || !rollOut.dueAt) {
    return <Line text={rollOut.reason ?? ""} isLoud />;
  }
  const leftSeconds = Math.max(0, (new Date(rollOut.dueAt).getTime() - now) / 1000);
  const share = step.bakeSeconds > 0 ? 1 - leftSeconds / step.bakeSeconds : 1;
  const isLast = rollOut.step + 1 >= rollOut.plan.steps.length;
  const next = isLast
    ? rollOut.plan.promotion === "manual"
      ? "you decide"
      : "all traffic"
    : `${rollOut.plan.steps[rollOut.step + 1]?.weight}%`;
  return (
    <div className="space-y-1.5">
      <p className="flex flex-wrap justify-between gap-x-4 text-13">
        <span>
          {leftSeconds > 0
            ? `This step bakes for another ${formatDuration(leftSeconds)}.`
            : "This step has baked and waits for enough requests."}
        </span>
        <span className="text-fg-subtle">then {next}</span>
      </p>
      <Progress value={Math.min(1, Math.max(0, share))} label="Bake time of this step" />
    </div>
  );
}

const Line = ({ text, isLoud }: { text: string; isLoud?: boolean }) =>
  text ? (
    <p
      className={
        isLoud
          ? "wrap-anywhere rounded-md bg-warning-soft px-3 py-2 text-13"
          : "text-13 text-fg-muted wrap-anywhere"
      }
    >
      {text}
    </p>
  ) : null;
