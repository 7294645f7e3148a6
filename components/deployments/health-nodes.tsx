"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { formatBytes, formatCount } from "@/components/ui/format";
import { TextLink } from "@/components/ui/text-link";
import type { NodeDto } from "@/server/deployments/nodes/schemas";
import type { HealthDto } from "@/server/deployments/schemas";

/** The nodes that hold the version with what they are doing, and those that cannot be asked. */
export function HealthNodes({ nodes }: { nodes: HealthDto["nodes"] }) {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const known = useQuery({
    ...trpc.nodes.list.queryOptions(),
    enabled: can("nodes:read"),
    refetchInterval: 5_000,
  });
  const shown = nodes.filter(({ loaded, reachable }) => loaded || !reachable);
  const others = nodes.length - shown.length;
  if (nodes.length === 0) return null;
  return (
    <div className="mt-2 border-t pt-2">
      <h3 className="text-fg-subtle text-xs">Nodes</h3>
      <ul className="mt-1 space-y-1.5 text-13">
        {shown
          .sort((a, b) => Number(b.loaded) - Number(a.loaded))
          .map((one) => (
            <NodeRow
              key={one.node}
              isLoaded={one.loaded}
              name={one.node}
              node={known.data?.items.find(({ name }) => name === one.node)}
            />
          ))}
      </ul>
      {others > 0 && (
        <p className="mt-1.5 text-fg-subtle text-xs">
          {formatCount(others)} {others === 1 ? "node does" : "nodes do"} not hold it.
        </p>
      )}
    </div>
  );
}

function NodeRow({
  name,
  isLoaded,
  node,
}: {
  name: string;
  isLoaded: boolean;
  node: NodeDto | undefined;
}) {
  const { path } = useWorkspace();
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4">
      {node?.id ? <TextLink href={path("nodes", node.id)}>{name}</TextLink> : <span>{name}</span>}
      {isLoaded ? (
        <span className="text-fg-muted text-xs tabular-nums">{loadText(node)}</span>
      ) : (
        <span className="text-warning text-xs">not reachable</span>
      )}
    </li>
  );
}

/** What a node does now, for all it holds. */
function loadText(node: NodeDto | undefined): string {
  const state = node?.state === "draining" ? "loaded, draining" : "loaded";
  if (!node?.load) return state;
  const { inFlight, queued, bytesUsed } = node.load;
  return `${state} · ${formatCount(inFlight)} in flight, ${formatCount(queued)} queued · ${formatBytes(bytesUsed)}`;
}
