"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight, ScrollText } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { deploymentSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { useTRPC } from "@/components/trpc/client";
import type { PredictionEntry } from "@/components/trpc/outputs";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { CodeBlock } from "@/components/ui/code-block";
import { formatMs } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { Segmented } from "@/components/ui/toggles";

/** Recent requests with what went in and out. */
export function PredictionLog({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const [{ shown }, setParams] = useQueryStates(deploymentSearchParams);
  const log = useInfiniteQuery({
    ...trpc.predictions.listRecent.infiniteQueryOptions(
      { deployment, status: shown === "all" ? undefined : shown },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
    // Following is for the first page; who reads further back is left in peace.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 1 ? false : 4_000),
  });
  return (
    <>
      <Toolbar>
        <Segmented
          label="Show"
          value={shown}
          onChange={(next) => void setParams({ shown: next })}
          choices={[
            { value: "all", label: "All" },
            { value: "ok", label: "Answered" },
            { value: "error", label: "Refused or failed" },
          ]}
        />
      </Toolbar>
      <Card flush>
        <QueryView query={log} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0) {
              return (
                <EmptyState icon={<ScrollText aria-hidden />} title="No requests to show">
                  Every prediction is written here within seconds. Try one in the playground.
                </EmptyState>
              );
            }
            return (
              <ul className="divide-y">
                {items.map((entry) => (
                  <LogEntry key={entry.requestId} entry={entry} />
                ))}
              </ul>
            );
          }}
        </QueryView>
        <LoadMore query={log} />
      </Card>
    </>
  );
}

/** The predictions of an entry in a few words. */
function answerText(outputs: unknown): string {
  const predictions = (outputs as { predictions?: unknown[] } | null)?.predictions;
  if (!predictions) return "";
  const [first] = predictions;
  return predictions.length > 1 ? `${first} and ${predictions.length - 1} more` : String(first);
}

function LogEntry({ entry }: { entry: PredictionEntry }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="text-13">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-10 w-full flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-1.5 text-left hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 text-fg-subtle transition-transform", open && "rotate-90")}
        />
        <Badge tone={entry.status < 400 ? "positive" : "danger"}>{entry.status}</Badge>
        <span className="min-w-0 flex-1 truncate">{entry.error ?? answerText(entry.outputs)}</span>
        <span className="flex items-center gap-3 text-fg-subtle text-xs tabular-nums">
          {entry.versionNumber !== null && <span>v{entry.versionNumber}</span>}
          <span className="hidden sm:inline">
            {entry.rows === 1 ? "1 row" : `${entry.rows} rows`}
          </span>
          <span className="sm:w-16 sm:text-right">{formatMs(entry.latencyMs)}</span>
          <span className="sm:w-20 sm:text-right">
            <RelativeTime at={entry.at} />
          </span>
        </span>
      </button>
      {open && (
        <div className="space-y-2 border-t bg-bg px-4 py-3">
          <div className="grid gap-3 md:grid-cols-2">
            <CodeBlock label="Input" code={JSON.stringify(entry.inputs, null, 2)} />
            <CodeBlock label="Output" code={JSON.stringify(entry.outputs, null, 2)} />
          </div>
          <p className="text-fg-subtle text-xs">
            request <code className="select-all font-mono">{entry.requestId}</code>, waited{" "}
            {formatMs(entry.queueMs)} for a batch, {formatMs(entry.computeMs)} in the model
          </p>
        </div>
      )}
    </li>
  );
}
