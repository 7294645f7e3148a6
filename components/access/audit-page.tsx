"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue, useMemo } from "react";
import { auditSearchParams } from "@/app/(workspace)/[workspace]/settings/audit/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { LoadMore } from "@/components/ui/load-more";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { AuditEntry, type Entry } from "./audit-entry";
import { AuditFilters } from "./audit-filters";
import { type AuditQuery, type AuditState, auditQuery, exportUrl } from "./audit-query";
import { useVerification, VerifyButton, VerifyResult } from "./audit-verify";

/** A span ends now, to the minute: a moving bound would ask again for ever. */
const thisMinute = (): number => Math.floor(Date.now() / 60_000) * 60_000;

const NO_FILTER: AuditState = {
  ...{ actor: "", action: "", subject: "", id: "" },
  ...{ range: "any", from: "", to: "", all: true },
};

/** Every write, newest first, with what it changed; searched, exported and verified here. */
export function AuditPage() {
  const trpc = useTRPC();
  const [state, setParams] = useQueryStates(auditSearchParams);
  const verification = useVerification();
  const typed = useDeferredValue(state);
  const query = useMemo(() => auditQuery(typed, thisMinute()), [typed]);
  const entries = useInfiniteQuery({
    ...trpc.access.listAudit.infiniteQueryOptions(query, {
      getNextPageParam: (page) => page.nextCursor ?? undefined,
    }),
    placeholderData: keepPreviousData,
  });
  const items = (entries.data?.pages.flatMap((page) => page.items) ?? []) as Entry[];
  const seen = [...new Set(items.map((entry) => entry.action))].sort();
  const change = (next: Partial<AuditState>) => void setParams(next);
  return (
    <>
      <Toolbar className="justify-between">
        <p className="text-13 text-fg-muted">
          Every change leaves an entry, tied to the one before it by its hash.
        </p>
        <div className="flex gap-2">
          <VerifyButton verification={verification} />
          <ExportMenu query={query} />
        </div>
      </Toolbar>
      <VerifyResult verification={verification} />
      <AuditFilters state={state} seen={seen} onChange={change} />
      <Card flush>
        <QueryView query={entries} skeleton={<TableSkeleton />}>
          {() =>
            items.length === 0 ? (
              <Nothing onClear={() => change(NO_FILTER)} />
            ) : (
              <ul aria-label="Entries" className="divide-y">
                {items.map((entry) => (
                  <AuditEntry
                    key={entry.seq}
                    entry={entry}
                    onOnly={() => change({ id: entry.subjectId })}
                  />
                ))}
              </ul>
            )
          }
        </QueryView>
        <LoadMore query={entries} />
      </Card>
    </>
  );
}

const Nothing = ({ onClear }: { onClear: () => void }) => (
  <EmptyState
    icon={<ScrollText aria-hidden />}
    title="No entry matches"
    action={<Button onClick={onClear}>Clear the filters</Button>}
  >
    Try another time, or show the routine entries, too.
  </EmptyState>
);

/** The filtered entries as a file; the browser saves it and stays on the page. */
function ExportMenu({ query }: { query: AuditQuery }) {
  const { slug } = useWorkspace();
  const save = (format: "csv" | "ndjson") => window.location.assign(exportUrl(query, format, slug));
  return (
    <Menu
      trigger={
        <Button>
          <Download aria-hidden className="size-3.5" />
          Export
        </Button>
      }
    >
      <MenuItem onClick={() => save("csv")}>CSV, for spreadsheets</MenuItem>
      <MenuItem onClick={() => save("ndjson")}>NDJSON, one entry a line</MenuItem>
    </Menu>
  );
}
