"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight, History } from "lucide-react";
import { useState } from "react";
import { AuditDiff } from "@/components/access/audit-diff";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { LoadMore } from "@/components/ui/load-more";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";

type Entry = Outputs["registry"]["versionHistory"]["items"][number];

/** What happened to a version, newest first, from the trail nobody can rewrite unseen. */
export function VersionHistory({ model, version }: { model: string; version: string }) {
  const trpc = useTRPC();
  const history = useInfiniteQuery(
    trpc.registry.versionHistory.infiniteQueryOptions(
      { model, version },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  return (
    <Card
      title="History"
      description="From the audit trail: each entry is tied to the one before it by its hash."
      flush
    >
      <QueryView query={history} skeleton={<TableSkeleton rows={4} />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return <EmptyState icon={<History aria-hidden />} title="Nothing happened yet" />;
          }
          return (
            <ol aria-label="History" className="divide-y">
              {items.map((entry) => (
                <HistoryEntry key={entry.seq} entry={entry} />
              ))}
            </ol>
          );
        }}
      </QueryView>
      <LoadMore query={history} />
    </Card>
  );
}

function HistoryEntry({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="text-13">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-10 w-full items-start gap-3 px-4 py-2 text-left hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cn(
            "mt-1 size-3.5 shrink-0 text-fg-subtle transition-transform",
            open && "rotate-90",
          )}
        />
        <span className="min-w-0 flex-1 break-words">
          <span className="font-medium">{entry.actor.name || "Modelyard"}</span>{" "}
          <span className="text-fg-muted">{entry.sentence}</span>
        </span>
        <span className="shrink-0 text-fg-subtle text-xs">
          <RelativeTime at={entry.at} />
        </span>
      </button>
      {open && (
        <div className="space-y-2 border-t bg-bg px-4 py-3">
          <AuditDiff before={entry.before} after={entry.after} />
          <p className="text-fg-subtle text-xs">
            {new Date(entry.at).toLocaleString()} · entry #{entry.seq} · hash{" "}
            <code className="select-all break-all font-mono">{entry.hash}</code>
          </p>
        </div>
      )}
    </li>
  );
}
