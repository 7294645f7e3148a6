import { cn } from "@/components/ui/class-names";
import { type WaterfallStep, waterfallScale } from "../prepare/waterfall";

/** Lying steps with their names and values as text, for half a width as well as for a whole one. */
export function WaterfallChart({
  steps,
  label,
  format,
}: {
  steps: WaterfallStep[];
  label: string;
  /** Text of a step's value. */
  format: (step: WaterfallStep) => string;
}) {
  const { low, high } = waterfallScale(steps);
  const share = (value: number) => ((value - low) / (high - low)) * 100;
  return (
    <ul aria-label={label} className="space-y-1">
      {steps.map((step) => {
        const isEnd = step.kind === "start" || step.kind === "end";
        const left = share(Math.min(step.from, step.to));
        const width = share(Math.max(step.from, step.to)) - left;
        return (
          <li key={`${step.kind} ${step.label}`} className="text-13">
            <div className="flex items-baseline justify-between gap-3">
              <span className={cn("min-w-0 truncate", isEnd ? "font-medium" : "text-fg-muted")}>
                {step.label}
              </span>
              <span
                className={cn(
                  "shrink-0 text-xs tabular-nums",
                  isEnd ? "font-medium" : "text-fg-muted",
                )}
              >
                {format(step)}
              </span>
            </div>
            <div aria-hidden className="relative mt-0.5 h-2 rounded-sm bg-muted">
              <div
                className={cn(
                  "absolute inset-y-0 min-w-0.5 rounded-sm",
                  step.kind === "up" && "bg-accent",
                  step.kind === "down" && "bg-warning-dot",
                  isEnd && "bg-fg-subtle",
                )}
                style={{ left: `min(${left}%, 100% - 2px)`, width: `${width}%` }}
              />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
