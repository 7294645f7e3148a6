"use client";
import { Progress as Base } from "@base-ui/react/progress";
import { cn } from "./class-names";

/** `value` from 0 to 1; null while nobody knows how far it is. */
export function Progress({
  value,
  label,
  tone = "active",
  className,
}: {
  value: number | null;
  label: string;
  tone?: "active" | "danger" | "idle" | "positive";
  className?: string;
}) {
  return (
    <Base.Root
      value={value === null ? null : Math.round(value * 100)}
      aria-label={label}
      className={cn("w-full min-w-16", className)}
    >
      <Base.Track className="h-1.5 overflow-hidden rounded-full bg-line">
        <Base.Indicator
          className={cn(
            "h-full rounded-full transition-[width] duration-500 data-indeterminate:w-1/3 data-indeterminate:animate-pulse",
            tone === "active" && "bg-accent",
            tone === "positive" && "bg-positive-dot",
            tone === "danger" && "bg-danger-dot",
            tone === "idle" && "bg-idle-dot",
          )}
        />
      </Base.Track>
    </Base.Root>
  );
}
