import { Check } from "lucide-react";
import { cn } from "@/components/ui/class-names";
import { formatDuration } from "@/components/ui/format";
import type { Strategy } from "@/server/deployments/constants";
import type { PlanStep } from "@/server/deployments/roll-outs/plan";

/** Plans are made in whole minutes mostly. */
const bakeTime = (seconds: number): string =>
  seconds % 60 === 0 && seconds > 0 && seconds < 3600
    ? `${seconds / 60} min`
    : formatDuration(seconds);

/** The steps of a plan with their shares and bake times; `current` is -1 before the first. */
export function RollOutSteps({
  strategy,
  steps,
  current,
}: {
  strategy: Strategy;
  steps: readonly PlanStep[];
  current?: number;
}) {
  const isPlan = current === undefined;
  const at = current ?? -1;
  const last = { weight: 100, bakeSeconds: null };
  const all = strategy === "blue_green" ? steps : [...steps, last];
  return (
    <ol className="flex flex-wrap gap-1.5" aria-label="Steps">
      {all.map((step, index) => {
        const isDone = index < at;
        const isCurrent = index === at && !isPlan;
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other name and never move.
            key={index}
            aria-current={isCurrent ? "step" : undefined}
            className={cn(
              "min-w-18 flex-1 rounded-md border px-2.5 py-1.5",
              isCurrent && "border-accent bg-accent-soft",
              isDone && "bg-muted",
            )}
          >
            <span className="flex items-center gap-1.5 font-semibold text-13 tabular-nums">
              {strategy === "shadow" && step.bakeSeconds !== null ? "Copies" : `${step.weight}%`}
              {isDone && <Check aria-label="done" className="size-3.5 text-positive" />}
            </span>
            <span className={cn("text-xs", isCurrent ? "text-fg-muted" : "text-fg-subtle")}>
              {step.bakeSeconds === null ? "then" : `for ${bakeTime(step.bakeSeconds)}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
