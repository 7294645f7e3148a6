import { CircleCheck, CircleX } from "lucide-react";
import { formatMetric } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { RelativeTime } from "@/components/ui/time";
import type { GateOutcome, GateReport as Report } from "@/server/registry/gates/schemas";

type Measured = GateOutcome["measured"];

/** Small differences between a value and its bound decide, so they are not rounded away. */
export function measureText(value: Measured): string {
  if (value === null) return "–";
  if (typeof value === "string") return value.length > 16 ? `${value.slice(0, 12)}…` : value;
  return Number.isInteger(value) ? formatMetric(value) : String(Number(value.toPrecision(6)));
}

/** Each rule of a stage with what was measured and what it had to be. */
export function GateReport({ report, label }: { report: Report; label: string }) {
  if (report.outcomes.length === 0) {
    return <p className="text-13 text-fg-subtle">The stage has no gates.</p>;
  }
  const failed = report.outcomes.filter((outcome) => !outcome.passed).length;
  return (
    <div>
      <p className="mb-1.5 text-fg-subtle text-xs">
        {label}:{" "}
        {failed === 0
          ? `all ${report.outcomes.length} pass`
          : `${failed} of ${report.outcomes.length} do not pass`}
        , measured <RelativeTime at={report.at} />
      </p>
      <ScrollRegion label={label} className="relative overflow-x-auto rounded-lg border">
        <table className="w-full text-13">
          <thead>
            <tr className="border-b text-left text-fg-subtle text-xs">
              <th scope="col" className="h-8 px-3 font-medium">
                Gate
              </th>
              <th scope="col" className="px-3 text-right font-medium">
                Measured
              </th>
              <th scope="col" className="px-3 text-right font-medium">
                Needed
              </th>
            </tr>
          </thead>
          <tbody>
            {report.outcomes.map((outcome) => (
              <Outcome key={JSON.stringify(outcome.gate)} outcome={outcome} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}

function Outcome({ outcome }: { outcome: GateOutcome }) {
  const Icon = outcome.passed ? CircleCheck : CircleX;
  return (
    <tr className="border-b align-top last:border-b-0">
      <th scope="row" className="px-3 py-1.5 text-left font-normal">
        <span className="flex items-start gap-2">
          <Icon
            aria-hidden
            className={`mt-0.5 size-4 shrink-0 ${outcome.passed ? "text-positive" : "text-danger"}`}
          />
          <span className="min-w-0">
            <span className="sr-only">{outcome.passed ? "Passed: " : "Failed: "}</span>
            <span className="font-medium">{outcome.title}</span>
            <span className="block text-fg-subtle text-xs">{outcome.reason}</span>
          </span>
        </span>
      </th>
      <td className="whitespace-nowrap px-3 py-1.5 text-right font-medium">
        {measureText(outcome.measured)}
      </td>
      <td className="whitespace-nowrap px-3 py-1.5 text-right text-fg-muted">
        {measureText(outcome.bound)}
      </td>
    </tr>
  );
}
