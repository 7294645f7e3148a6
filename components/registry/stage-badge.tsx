"use client";
import { cn } from "@/components/ui/class-names";
import type { StageColor } from "@/server/registry/stages/constants";
import { stageName, useStages } from "./use-stages";

const DOTS = {
  gray: "bg-idle-dot",
  blue: "bg-(--chart-1)",
  violet: "bg-(--chart-8)",
  amber: "bg-warning-dot",
  green: "bg-positive-dot",
  red: "bg-danger-dot",
} satisfies Record<StageColor, string>;

/** The color of a stage; always beside its name. */
export const StageDot = ({ color }: { color: StageColor }) => (
  <span aria-hidden className={cn("size-2 shrink-0 rounded-full", DOTS[color])} />
);

/** A stage by its key: dot and name. */
export function StageBadge({ stage }: { stage: string }) {
  const stages = useStages();
  const color = stages.find((one) => one.key === stage)?.color ?? "gray";
  return (
    <span className="inline-flex h-5 items-center gap-1.5 whitespace-nowrap rounded bg-muted px-1.5 font-medium text-2xs text-fg-muted">
      <StageDot color={color} />
      {stageName(stages, stage)}
    </span>
  );
}
