import type { PredictionEntry } from "@/components/trpc/outputs";
import { cn } from "@/components/ui/class-names";
import { formatMs } from "@/components/ui/format";

interface Part {
  name: string;
  ms: number;
  color: string;
}

/** Where the time of a request went, as one bar with its parts named beneath. */
export function LatencySplit({ entry }: { entry: PredictionEntry }) {
  const parts = partsOf(entry);
  const total = Math.max(entry.latencyMs, 0.001);
  return (
    <section>
      <h3 className="mb-1.5 font-medium text-fg-muted text-xs">
        {formatMs(entry.latencyMs)} from socket to reply
        {entry.isCached && ", answered by the gateway's cache"}
      </h3>
      <div aria-hidden className="flex h-2 overflow-hidden rounded-full bg-line">
        {parts.map((part) => (
          <div
            key={part.name}
            className={part.color}
            style={{ width: `${Math.min(100, (part.ms / total) * 100)}%` }}
          />
        ))}
      </div>
      <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-fg-muted text-xs tabular-nums">
        {parts.map((part) => (
          <li key={part.name} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={cn("size-2 rounded-full", part.color)} />
            {part.name} {formatMs(part.ms)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function partsOf({ latencyMs, nodeMs, queueMs, computeMs }: PredictionEntry): Part[] {
  const queue = queueMs ?? 0;
  const compute = computeMs ?? 0;
  const node = nodeMs ?? queue + compute;
  const positive = (ms: number) => Math.max(0, ms);
  return [
    { name: "Gateway", ms: positive(latencyMs - node), color: "bg-idle-dot" },
    {
      name: "Way to the node and back",
      ms: positive(node - queue - compute),
      color: "bg-line-strong",
    },
    { name: "Queue", ms: queue, color: "bg-warning-dot" },
    { name: "Model", ms: compute, color: "bg-accent" },
  ].filter((part) => part.ms > 0);
}
