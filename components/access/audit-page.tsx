"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight, ScrollText, X } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { auditSearchParams } from "@/app/(workspace)/[workspace]/settings/audit/search-params";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { LoadMore } from "@/components/ui/load-more";
import { Toolbar } from "@/components/ui/page";
import { Select } from "@/components/ui/select";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { AuditDiff } from "./audit-diff";

const SUBJECTS = [
  "model",
  "version",
  "dataset",
  "training_job",
  "deployment",
  "experiment",
  "run",
  "logged_model",
  "member",
  "invitation",
  "api_key",
  "role",
  "grant",
  "oidc_provider",
  "workspace",
];

interface Entry {
  seq: number;
  at: string;
  actor: Record<string, unknown>;
  action: string;
  subjectType: string;
  subjectId: string;
  before: unknown;
  after: unknown;
  requestId: string;
}

/** Every write, newest first, with what it changed. */
export function AuditPage() {
  const trpc = useTRPC();
  const [{ subject, id }, setParams] = useQueryStates(auditSearchParams);
  const entries = useInfiniteQuery({
    ...trpc.access.listAudit.infiniteQueryOptions(
      { subjectType: subject || undefined, subjectId: id || undefined },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <Toolbar>
        <Select
          ariaLabel="Kind of thing"
          value={subject || "all"}
          onChange={(next) => void setParams({ subject: next === "all" ? "" : next })}
          options={[
            { value: "all", label: "Everything" },
            ...SUBJECTS.map((value) => ({ value, label: value.replaceAll("_", " ") })),
          ]}
        />
        {id && (
          <Button variant="ghost" onClick={() => void setParams({ id: "" })}>
            Only <code className="max-w-40 truncate font-mono text-xs">{id}</code>
            <X aria-label="Show all" className="size-3.5" />
          </Button>
        )}
      </Toolbar>
      <Card flush>
        <QueryView query={entries} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items) as Entry[];
            if (items.length === 0) {
              return (
                <EmptyState icon={<ScrollText aria-hidden />} title="Nothing was written yet">
                  Every change leaves an entry here, signed by a chain of hashes.
                </EmptyState>
              );
            }
            return (
              <ul className="divide-y">
                {items.map((entry) => (
                  <AuditEntry
                    key={entry.seq}
                    entry={entry}
                    onOnly={() => void setParams({ id: entry.subjectId })}
                  />
                ))}
              </ul>
            );
          }}
        </QueryView>
        <LoadMore query={entries} />
      </Card>
    </>
  );
}

function actorText(actor: Record<string, unknown>): string {
  return typeof actor.name === "string" ? actor.name : "Modelyard";
}

function AuditEntry({ entry, onOnly }: { entry: Entry; onOnly: () => void }) {
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
        <span className="font-medium font-mono text-xs">{entry.action}</span>
        <span className="max-w-56 truncate text-fg-muted sm:max-w-96">
          {actorText(entry.actor)}
        </span>
        {entry.actor.type === "apiKey" && <Badge>API key</Badge>}
        <span className="ml-auto flex items-center gap-3 text-fg-subtle text-xs">
          <span className="tabular-nums">#{entry.seq}</span>
          <RelativeTime at={entry.at} />
        </span>
      </button>
      {open && (
        <div className="space-y-3 border-t bg-bg px-4 py-3">
          <AuditDiff before={entry.before} after={entry.after} />
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-fg-subtle text-xs">
            <span>
              {entry.subjectType} <code className="select-all font-mono">{entry.subjectId}</code>
            </span>
            <span>
              request <code className="select-all font-mono">{entry.requestId}</code>
            </span>
            <Button size="sm" variant="ghost" onClick={onOnly}>
              Only this {entry.subjectType.replaceAll("_", " ")}
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}
