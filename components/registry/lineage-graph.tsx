"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Box, Boxes, ChartLine, Database, type LucideIcon, Rocket } from "lucide-react";
import Link from "next/link";
import { useEffect, useMemo, useRef } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { layoutGraph, type Placed } from "@/components/charts/prepare/layout-graph";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { cn } from "@/components/ui/class-names";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { QueryView, Skeleton } from "@/components/ui/states";
import type { LineageGraph as Graph } from "@/server/registry/lineage/schemas";
import type { LineageNode } from "@/server/registry/schemas";

const WIDTH = 168;
const HEIGHT = 56;
const GAP_X = 44;
const GAP_Y = 20;

const ICONS = {
  dataset: Database,
  run: ChartLine,
  version: Box,
  model: Boxes,
  deployment: Rocket,
} satisfies Record<LineageNode["kind"], LucideIcon>;

export const LINEAGE_REACH = ["both", "up", "down"] as const;
export type LineageReach = (typeof LINEAGE_REACH)[number];

/** Dataset → run → version → deployment, each a link. */
export function LineageGraph({
  model,
  version,
  direction = "both",
}: {
  model: string;
  version: string;
  /** What it was made from, what was made of it, or both. */
  direction?: LineageReach;
}) {
  const trpc = useTRPC();
  const lineage = useQuery({
    ...trpc.registry.versionLineage.queryOptions({ model, version, direction }),
    placeholderData: keepPreviousData,
  });
  return (
    <QueryView query={lineage} skeleton={<Skeleton className="h-56" />}>
      {(data) => <GraphView graph={data} model={model} />}
    </QueryView>
  );
}

function GraphView({ graph, model }: { graph: Graph; model: string }) {
  const placed = useMemo(() => layoutGraph(graph.nodes, graph.edges), [graph]);
  const at = new Map(placed.map((item) => [item.node.id, item]));
  const label = (id: string) => at.get(id)?.node.label ?? id;
  const columns = Math.max(...placed.map((item) => item.column)) + 1;
  const rows = Math.max(...placed.map((item) => item.row)) + 1;
  const size = {
    width: columns * (WIDTH + GAP_X) - GAP_X,
    height: rows * (HEIGHT + GAP_Y) - GAP_Y,
  };
  const box = useRef<HTMLElement>(null);
  const current = at.get(graph.versionId);
  const middle = current ? left(current) + WIDTH / 2 : 0;

  // The scroll position is the external system: a long history starts at the version it is about.
  useEffect(() => {
    if (box.current) box.current.scrollLeft = middle - box.current.clientWidth / 2;
  }, [middle]);

  return (
    <ChartFrame
      title="Lineage"
      summary={graph.edges
        .map((edge) => `${label(edge.from)} ${edge.label} ${label(edge.to)}`)
        .join("; ")}
      table={() => ({
        columns: ["From", "Relation", "To"],
        rows: graph.edges.map((edge) => [label(edge.from), edge.label, label(edge.to)]),
      })}
    >
      <ScrollRegion ref={box} label="Lineage graph" className="overflow-auto py-3">
        <div className="relative mx-auto" style={size}>
          <svg aria-hidden className="absolute inset-0" {...size}>
            {graph.edges.map((edge) => (
              <Edge key={`${edge.from} ${edge.to}`} from={at.get(edge.from)} to={at.get(edge.to)} />
            ))}
          </svg>
          {placed.map((item) => (
            <Node
              key={item.node.id}
              item={item}
              model={model}
              current={item.node.id === graph.versionId}
            />
          ))}
        </div>
      </ScrollRegion>
      {graph.truncated && (
        <p className="pt-1 text-fg-subtle text-xs">
          More is known than fits here: look upstream or downstream alone.
        </p>
      )}
    </ChartFrame>
  );
}

const left = (item: Placed<LineageNode>) => item.column * (WIDTH + GAP_X);
const top = (item: Placed<LineageNode>) => item.row * (HEIGHT + GAP_Y);

function Edge({
  from,
  to,
}: {
  from: Placed<LineageNode> | undefined;
  to: Placed<LineageNode> | undefined;
}) {
  if (!from || !to) return null;
  const x1 = left(from) + WIDTH;
  const y1 = top(from) + HEIGHT / 2;
  const x2 = left(to);
  const y2 = top(to) + HEIGHT / 2;
  const bend = Math.max(24, (x2 - x1) / 2);
  return (
    <>
      <path
        d={`M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2 - 5},${y2}`}
        fill="none"
        stroke="var(--line-strong)"
        strokeWidth="1.5"
      />
      <path d={`M${x2 - 6},${y2 - 4} L${x2},${y2} L${x2 - 6},${y2 + 4}z`} fill="var(--fg-subtle)" />
    </>
  );
}

function Node({
  item,
  model,
  current,
}: {
  item: Placed<LineageNode>;
  model: string;
  current: boolean;
}) {
  const { path } = useWorkspace();
  const { node } = item;
  const Icon = ICONS[node.kind];
  const href = {
    dataset: path("datasets", node.id),
    run: path("experiments", "runs", node.id),
    version: path("registry", model, "versions", node.id),
    model: path("registry", node.id),
    deployment: path("deployments", node.id),
  }[node.kind];
  const box = {
    style: { left: left(item), top: top(item), width: WIDTH, height: HEIGHT },
    className: cn(
      "absolute flex items-center gap-2.5 rounded-lg border bg-surface px-3 text-13 shadow-card",
      current && "border-accent ring-1 ring-accent",
    ),
  };
  // What a client only named, or somebody deleted, has no page.
  if (node.id.startsWith("input:") || node.detail === "deleted") {
    return (
      <div {...box} className={cn(box.className, "border-dashed")}>
        <NodeText node={node} icon={Icon} />
      </div>
    );
  }
  return (
    <Link
      href={href}
      aria-current={current ? "true" : undefined}
      {...box}
      className={cn(box.className, "hover:border-line-strong hover:bg-hover")}
    >
      <NodeText node={node} icon={Icon} />
    </Link>
  );
}

function NodeText({ node, icon: Icon }: { node: LineageNode; icon: LucideIcon }) {
  return (
    <>
      <Icon aria-hidden className="size-4 shrink-0 text-fg-subtle" />
      <span className="min-w-0">
        <span className="block truncate font-medium" title={node.label}>
          {node.label}
        </span>
        <span className="block truncate text-2xs text-fg-subtle">
          {node.kind}
          {node.detail && ` · ${node.kind === "run" ? node.detail.toLowerCase() : node.detail}`}
        </span>
      </span>
    </>
  );
}
