"use client";
import { CircleCheck, CircleDashed, CircleX, Info, type LucideIcon } from "lucide-react";
import { cn } from "@/components/ui/class-names";
import { formatPercent } from "@/components/ui/format";
import { Skeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import type { RollOutMetric, Verdict } from "@/server/deployments/constants";
import type { AnalysisDto } from "@/server/deployments/roll-outs/schemas";

const METRICS: Record<RollOutMetric, string> = {
  error_share: "Error limit",
  error_rate: "Error rate",
  latency_p99: "Slow requests",
  outputs: "Predictions",
  label_quality: "Outcomes",
};

const VERDICTS: Record<Verdict, { icon: LucideIcon; tone: string; text: string }> = {
  pass: { icon: CircleCheck, tone: "text-positive", text: "Passes" },
  hold: { icon: CircleDashed, tone: "text-warning", text: "Holds" },
  fail: { icon: CircleX, tone: "text-danger", text: "Fails" },
};

/** Of a shadow these are told, not judged. */
const TOLD = { icon: Info, tone: "text-fg-subtle", text: "Told, not judged" };
/** What is too little to compare stops nothing, and shows nothing either. */
const NOT_YET = { icon: CircleDashed, tone: "text-fg-subtle", text: "Not compared yet" };
const TOLD_OF_SHADOWS: readonly RollOutMetric[] = ["latency_p99", "outputs"];

/** The newest look of the analysis: what was counted of both versions, and the verdict in words. */
export function AnalysisTable({
  analyses,
  isEnabled,
  isPending,
  isShadow,
  stable,
  candidate,
}: {
  analyses: readonly AnalysisDto[];
  isEnabled: boolean;
  isPending: boolean;
  isShadow: boolean;
  stable: string;
  candidate: string;
}) {
  if (!isEnabled) return <Note text="This roll-out goes by its clock; nothing is analysed." />;
  if (isPending) return <Skeleton className="h-64" />;
  const [newest] = analyses;
  if (!newest) return <Note text="The first look at its requests follows in some seconds." />;
  const rows = analyses.filter((one) => one.look === newest.look);
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-3">
        <h3 className="font-medium text-13">
          Analysis, {candidate} against {stable}
        </h3>
        <span className="text-fg-subtle text-xs">
          look {newest.look}, <RelativeTime at={newest.at} />
        </span>
      </div>
      <ul className="divide-y border-y">
        {Object.keys(METRICS).map((metric) => {
          const row = rows.find((one) => one.metric === metric);
          return row && <AnalysisRow key={metric} row={row} isShadow={isShadow} />;
        })}
      </ul>
      <p className="mt-2 text-fg-subtle text-xs">
        The tests stay valid however often one looks: a version that is no worse is taken back with
        the probability the plan allows, over the whole roll-out.
      </p>
    </div>
  );
}

function AnalysisRow({ row, isShadow }: { row: AnalysisDto; isShadow: boolean }) {
  const isTold = isShadow && TOLD_OF_SHADOWS.includes(row.metric);
  const isEarly = row.statistic === null && row.pValue === null && row.verdict === "pass";
  const verdict = isTold ? TOLD : isEarly ? NOT_YET : VERDICTS[row.verdict];
  return (
    <li className="grid gap-x-4 gap-y-0.5 py-2 text-13 sm:grid-cols-[8.5rem_1fr_auto]">
      <span className="flex items-center gap-1.5 font-medium">
        <verdict.icon aria-label={verdict.text} className={cn("size-4 shrink-0", verdict.tone)} />
        {METRICS[row.metric]}
      </span>
      <span className="min-w-0 wrap-anywhere text-fg-muted">{row.message}</span>
      <Bounds row={row} />
    </li>
  );
}

/** The difference to the stable version with its bounds, where the metric is a share. */
function Bounds({ row }: { row: AnalysisDto }) {
  const { stableValue, candidateValue, lowerBound, upperBound } = row;
  if (stableValue === null || candidateValue === null) return null;
  if (lowerBound === null || upperBound === null) return null;
  return (
    <span
      className="whitespace-nowrap text-fg-subtle text-xs tabular-nums sm:text-right"
      title="Difference to the stable version, with bounds that hold at every look"
    >
      {signed(candidateValue - stableValue)} ({signed(lowerBound)} to {signed(upperBound)})
    </span>
  );
}

/** With a real minus sign, as wide as the plus. */
const signed = (share: number): string =>
  share < 0 ? `−${formatPercent(-share, 2)}` : `${share > 0 ? "+" : ""}${formatPercent(share, 2)}`;

const Note = ({ text }: { text: string }) => <p className="text-13 text-fg-subtle">{text}</p>;
