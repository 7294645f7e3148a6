"use client";
import { useMemo } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount } from "@/components/ui/format";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import type { NodeDto, NodeList } from "@/server/deployments/nodes/schemas";
import { NodeMenu } from "./node-actions";
import { LabelList, MemoryBar } from "./node-load";
import { NodeState } from "./node-state";

const quiet = <span className="text-fg-subtle">–</span>;

/** Every node with what it is doing. */
export function NodeTable({ items, canManage }: Pick<NodeList, "items" | "canManage">) {
  const { path } = useWorkspace();
  const columns = useMemo<Column<NodeDto>[]>(
    () => [
      {
        id: "name",
        header: "Node",
        card: "title",
        sortValue: (node) => node.name,
        cell: (node) =>
          node.id ? (
            <TextLink href={path("nodes", node.id)}>{node.name}</TextLink>
          ) : (
            <span title="Set by its URL; it has not registered">{node.name}</span>
          ),
      },
      {
        id: "state",
        header: "State",
        sortValue: (node) => node.state,
        cell: (node) => <NodeState state={node.state} />,
      },
      {
        id: "labels",
        header: "Labels",
        card: "wide",
        cell: (node) => <LabelList labels={node.labels} />,
      },
      {
        id: "device",
        header: "Device",
        sortValue: (node) => node.device,
        cell: (node) => (node.device ? node.device.toUpperCase() : quiet),
      },
      {
        id: "models",
        header: "Models",
        align: "right",
        sortValue: (node) => node.load?.models ?? null,
        cell: (node) => (node.load ? formatCount(node.load.models) : quiet),
      },
      {
        id: "memory",
        header: "Memory",
        card: "wide",
        sortValue: (node) => node.load?.bytesUsed ?? null,
        cell: (node) => <MemoryBar node={node} />,
      },
      {
        id: "inFlight",
        header: "In flight",
        align: "right",
        sortValue: (node) => node.load?.inFlight ?? null,
        cell: (node) => (node.load ? formatCount(node.load.inFlight) : quiet),
      },
      {
        id: "seen",
        header: "Last word",
        sortValue: (node) => node.lastSeenAt,
        cell: (node) =>
          node.lastSeenAt ? (
            <RelativeTime at={node.lastSeenAt} />
          ) : node.id ? (
            <span className="text-fg-subtle">stopped</span>
          ) : (
            quiet
          ),
      },
      ...(canManage ? [ACTIONS] : []),
    ],
    [canManage, path],
  );
  return <DataTable label="Nodes" rows={items} columns={columns} rowKey={(node) => node.url} />;
}

const ACTIONS: Column<NodeDto> = {
  id: "actions",
  header: <span className="sr-only">Actions</span>,
  card: "corner",
  align: "right",
  cell: (node) => (node.id ? <NodeMenu node={node} /> : null),
};
