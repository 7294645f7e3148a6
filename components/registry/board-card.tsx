"use client";
import { ArrowLeftRight } from "lucide-react";
import Link from "next/link";
import { useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import type { VersionSummary } from "@/components/trpc/outputs";
import { IconButton } from "@/components/ui/button";
import { formatMetric } from "@/components/ui/format";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { StageDot } from "./stage-badge";
import type { Stage } from "./use-stages";

interface Props {
  version: VersionSummary;
  stages: Stage[];
  movable: boolean;
  /** Aliases, and the stage it waits for. */
  marks: string[];
  /** null when the drag ended without a drop. */
  onDrag: (version: VersionSummary | null) => void;
  onMove: (to: string) => void;
}

/** A version on the board. Its button opens a menu of stages; left and right on it aim at the next one. */
export function BoardCard({ version, stages, movable, marks, onDrag, onMove }: Props) {
  const { path } = useWorkspace();
  const [metric] = Object.entries(version.metrics.test);
  const neighbour = (step: number) => {
    const at = stages.findIndex((stage) => stage.key === version.stage);
    return stages[at + step];
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = step === 0 ? undefined : neighbour(step);
    if (!next) return;
    event.preventDefault();
    onMove(next.key);
  };
  return (
    <li
      draggable={movable}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", `v${version.number}`);
        onDrag(version);
      }}
      onDragEnd={() => onDrag(null)}
      className="relative rounded-md border bg-surface p-2.5 text-13 shadow-card hover:border-line-strong"
    >
      <div className="flex items-center gap-2">
        <Link
          href={path("registry", version.modelId, "versions", version.number)}
          className="min-w-0 flex-1 truncate font-medium hover:underline"
        >
          v{version.number}
          {version.label && <span className="text-fg-subtle"> {version.label}</span>}
        </Link>
        {movable && (
          <Menu
            trigger={
              <IconButton
                size="icon-sm"
                label={`Move v${version.number} to another stage`}
                onKeyDown={onKeyDown}
              >
                <ArrowLeftRight className="size-3.5" />
              </IconButton>
            }
          >
            {stages
              .filter((stage) => stage.key !== version.stage)
              .map((stage) => (
                <MenuItem key={stage.key} onClick={() => onMove(stage.key)}>
                  <StageDot color={stage.color} />
                  {stage.name}
                </MenuItem>
              ))}
          </Menu>
        )}
      </div>
      <div className="mt-1 flex flex-wrap gap-x-3 text-fg-subtle text-xs">
        <span>{version.algorithm ? algorithmLabel(version.algorithm) : version.task}</span>
        {metric && (
          <span className="tabular-nums">
            {metric[0]} {formatMetric(metric[1])}
          </span>
        )}
        <RelativeTime at={version.createdAt} />
      </div>
      {marks.length > 0 && (
        <div className="mt-1.5 flex flex-wrap gap-1">
          {marks.map((mark) => (
            <Badge key={mark} tone={mark.startsWith("@") ? "active" : "warning"}>
              {mark}
            </Badge>
          ))}
        </div>
      )}
    </li>
  );
}
