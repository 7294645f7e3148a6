import { formatCount, formatMs, formatPercent } from "@/components/ui/format";
import type { EffectDto } from "@/server/deployments/schemas";

/** What was measured before and after a change of traffic, as one line of figures. */
export function EventEffect({ effect }: { effect: EffectDto }) {
  const { before, after, minutes } = effect;
  if (before.requests + after.requests === 0) {
    return <p className="text-fg-subtle text-xs">No requests {minutes} minutes around it.</p>;
  }
  const figures = [
    { name: "Requests", from: formatCount(before.requests), to: formatCount(after.requests) },
    { name: "Errors", from: share(before.errorRate), to: share(after.errorRate) },
    { name: "p99", from: formatMs(before.p99Ms), to: formatMs(after.p99Ms) },
  ];
  return (
    <dl
      className="flex flex-wrap gap-x-4 gap-y-1 text-xs tabular-nums"
      title={`${minutes} minutes before and after`}
    >
      {figures.map((figure) => (
        <div key={figure.name} className="flex gap-1.5">
          <dt className="text-fg-subtle">{figure.name}</dt>
          <dd>
            {figure.from} <span aria-hidden>→</span>
            <span className="sr-only">then</span> {figure.to}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const share = (value: number | null): string => (value === null ? "–" : formatPercent(value, 2));
