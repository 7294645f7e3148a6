import { formatBytes } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import { Badge } from "@/components/ui/status";
import type { NodeDto } from "@/server/deployments/nodes/schemas";

/** Memory of model files as a bar with its figures. */
export function MemoryBar({ node }: { node: NodeDto }) {
  if (!node.load || node.memoryBytes === null) return <span className="text-fg-subtle">–</span>;
  const used = node.load.bytesUsed;
  return (
    <span className="flex min-w-36 items-center gap-2">
      <Progress
        label={`Memory of ${node.name}`}
        value={Math.min(1, used / node.memoryBytes)}
        tone={used > 0.9 * node.memoryBytes ? "danger" : "active"}
        className="w-16 shrink-0"
      />
      <span className="whitespace-nowrap text-fg-muted text-xs tabular-nums">
        {formatBytes(used)} of {formatBytes(node.memoryBytes)}
      </span>
    </span>
  );
}

export function LabelList({ labels }: { labels: NodeDto["labels"] }) {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  if (pairs.length === 0) return <span className="text-fg-subtle">–</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {pairs.map((pair) => (
        <Badge key={pair} mono>
          {pair}
        </Badge>
      ))}
    </span>
  );
}
