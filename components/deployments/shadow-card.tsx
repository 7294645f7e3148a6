"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Card, Stat } from "@/components/ui/card";
import { formatCount, formatMs, formatPercent, formatTick } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/time";
import type { ShadowComparisonDto } from "@/server/predictions/shadow/schemas";

type Whole = ShadowComparisonDto["variants"][number];
type Value = "inputs" | "sent" | "shadow";
/** On its way here a value that is not kept may be left out. */
type Example = Omit<Whole["examples"][number], Value> & { [key in Value]?: unknown };
type Shadow = Omit<Whole, "examples"> & { examples: Example[] };

/** How the shadows would have answered instead, with the requests they differ most on. */
export function ShadowCard({
  deployment,
  rangeMinutes,
}: {
  deployment: string;
  rangeMinutes: number;
}) {
  const trpc = useTRPC();
  const comparison = useQuery({
    ...trpc.predictions.shadowComparison.queryOptions({ deployment, rangeMinutes }),
    refetchInterval: 10_000,
  });
  const shadows = comparison.data?.variants ?? [];
  if (shadows.length === 0) return null;
  return (
    <Card
      title="Shadow differences"
      description="Copies of the requests, answered by the shadow and compared with what was sent"
      flush
    >
      <div className="divide-y">
        {shadows.map((shadow) => (
          <ShadowSection key={shadow.variantId} shadow={shadow} />
        ))}
      </div>
    </Card>
  );
}

/** Numbers have no labels: a single output with fractions is no class. */
const isNumeric = ({ sent }: Example): boolean => {
  const [values, ...others] = typeof sent === "object" && sent ? Object.values(sent) : [];
  const row = [values].flat(2);
  return others.length === 0 && row.some((one) => typeof one === "number" && one % 1 !== 0);
};
const hasLabels = ({ flips, examples }: Shadow): boolean => flips > 0 || !examples.some(isNumeric);

function ShadowSection({ shadow }: { shadow: Shadow }) {
  const { requests, rows, equal, flips, errors, dropped } = shadow;
  const share = (part: number, whole: number) => (whole > 0 ? formatPercent(part / whole, 2) : "–");
  return (
    <section className="space-y-3 p-4" aria-label={`Shadow v${shadow.versionNumber}`}>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Stat name={`v${shadow.versionNumber} compared`} value={formatCount(requests)} />
        <Stat name="The same" value={share(equal, requests)} />
        {hasLabels(shadow) && <Stat name="Other label" value={share(flips, rows)} />}
        <Stat name="Largest difference" value={formatTick(shadow.differenceMax)} />
        <Stat
          name="Node time"
          value={formatMs(shadow.shadowLatencyMs)}
          detail={`${formatMs(shadow.latencyMs)} of what was sent`}
        />
        <Stat
          name="Failed"
          value={formatCount(errors)}
          detail={dropped > 0 ? `${formatCount(dropped)} not sent` : undefined}
        />
      </div>
      {shadow.examples.length > 0 && <Examples examples={shadow.examples} />}
    </section>
  );
}

function Examples({ examples }: { examples: Shadow["examples"] }) {
  return (
    <details className="group">
      <summary className="inline-flex min-h-6 cursor-pointer items-center gap-1 font-medium text-13">
        <ChevronRight
          aria-hidden
          className="size-3.5 text-fg-subtle transition-transform group-open:rotate-90"
        />
        The {examples.length} most different
      </summary>
      <ul className="mt-2 divide-y border-y">
        {examples.map((example) => (
          <li
            key={`${example.at} ${example.difference} ${JSON.stringify(example.inputs)}`}
            className="grid gap-x-4 gap-y-1 py-2 text-xs sm:grid-cols-[6rem_1fr_1fr_1fr]"
          >
            <span className="text-fg-subtle">
              <RelativeTime at={example.at} />
            </span>
            <Named name="Asked" value={example.inputs} />
            <Named name="Sent" value={example.sent} />
            <Named name="Shadow" value={example.shadow} />
          </li>
        ))}
      </ul>
    </details>
  );
}

const Named = ({ name, value }: { name: string; value: unknown }) => (
  <span className="min-w-0">
    <span className="text-fg-subtle">{name}</span>{" "}
    <code className="wrap-anywhere font-mono">
      {value === null || value === undefined ? "not kept" : JSON.stringify(value)}
    </code>
  </span>
);
