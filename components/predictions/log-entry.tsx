"use client";
import { ChevronRight, Flag, Pin, Zap } from "lucide-react";
import type { PredictionEntry } from "@/components/trpc/outputs";
import { cn } from "@/components/ui/class-names";
import { formatMs } from "@/components/ui/format";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { LogDetail } from "./log-detail";

/** The predictions of an entry in a few words. */
function answerText(outputs: unknown): string {
  const predictions = (outputs as { predictions?: unknown[] } | null)?.predictions;
  if (!predictions) return "";
  const [one] = predictions;
  // All digits stand where the request is opened.
  const first = typeof one === "number" ? Number(one.toPrecision(6)) : one;
  return predictions.length > 1 ? `${first} and ${predictions.length - 1} more` : String(first);
}

const toneOf = (status: number) =>
  status < 400 ? "positive" : status < 500 ? "warning" : ("danger" as const);

/** One request as a line that opens. */
export function LogEntry({
  entry,
  showDeployment,
  isOpen,
  onToggle,
}: {
  entry: PredictionEntry;
  showDeployment: boolean;
  isOpen: boolean;
  onToggle: (open: boolean) => void;
}) {
  return (
    <li className="text-13">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => onToggle(!isOpen)}
        className="flex min-h-10 w-full flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-1.5 text-left hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 text-fg-subtle transition-transform", isOpen && "rotate-90")}
        />
        <Badge tone={toneOf(entry.status)}>{entry.status}</Badge>
        {showDeployment && (
          <span
            title={entry.deploymentName ?? undefined}
            className="max-w-40 truncate font-medium sm:w-40"
          >
            {entry.deploymentName ?? "deleted"}
          </span>
        )}
        <span className="min-w-24 flex-1 truncate">
          {entry.error ?? answerText(entry.outputs)}
          {entry.unit && <span className="text-fg-subtle"> · for {entry.unit}</span>}
        </span>
        <span className="flex items-center gap-3 text-fg-subtle text-xs tabular-nums">
          {entry.outcome && <Mark icon={Flag} word="Outcome known" />}
          {entry.isPinned && <Mark icon={Pin} word="The caller chose the variant" />}
          {entry.isCached && <Mark icon={Zap} word="From the cache" />}
          <span className="hidden w-10 text-right uppercase sm:inline">{entry.lane}</span>
          <span className="w-8 text-right">
            {entry.versionNumber === null ? "" : `v${entry.versionNumber}`}
          </span>
          <span className="hidden w-16 text-right sm:inline">
            {entry.rows === 1 ? "1 row" : `${entry.rows} rows`}
          </span>
          <span className="text-right sm:w-16">{formatMs(entry.latencyMs)}</span>
          <span className="text-right sm:w-24">
            <RelativeTime at={entry.at} />
          </span>
        </span>
      </button>
      {isOpen && <LogDetail entry={entry} />}
    </li>
  );
}

const Mark = ({ icon: Icon, word }: { icon: typeof Flag; word: string }) => (
  <span title={word}>
    <Icon aria-hidden className="size-3.5" />
    <span className="sr-only">{word}</span>
  </span>
);
