"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { CopyTextButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import { formatCount } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { ErasureReportView } from "./erasure-report";

type Erasure = Outputs["privacy"]["listErasures"]["items"][number];

const STATES = {
  running: { status: "running", label: "Running" },
  complete: { status: "completed", label: "Complete" },
  incomplete: { status: "degraded", label: "Incomplete" },
} as const;

/** Proofs of erasure, newest first; whom they were about cannot be read from them. */
export function ErasureList() {
  const trpc = useTRPC();
  const [shown, setShown] = useState<Erasure>();
  const query = useInfiniteQuery(
    trpc.privacy.listErasures.infiniteQueryOptions(
      { limit: 10 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  return (
    <section className="mt-4 border-t pt-3">
      <h3 className="font-medium text-13">Proofs of erasure</h3>
      <QueryView query={query} skeleton={<TableSkeleton rows={2} />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return <p className="mt-1 text-fg-subtle text-xs">Nobody was erased here yet.</p>;
          }
          return (
            <ul className="mt-1 divide-y">
              {items.map((item) => (
                <ErasureRow key={item.id} item={item} onShow={() => setShown(item)} />
              ))}
            </ul>
          );
        }}
      </QueryView>
      <LoadMore query={query} />
      {shown?.report && (
        <Dialog
          open
          onOpenChange={(open) => !open && setShown(undefined)}
          title="Proof of erasure"
          description={`Pseudonym ${shown.report.pseudonym}`}
          footer={<CopyTextButton text={JSON.stringify(shown, null, 2)} label="Copy as JSON" />}
        >
          <ErasureReportView report={shown.report} />
          <p className="mt-4 break-all font-mono text-fg-subtle text-xs">
            SHA-256 {shown.reportSha256}
          </p>
        </Dialog>
      )}
    </section>
  );
}

function ErasureRow({ item, onShow }: { item: Erasure; onShow: () => void }) {
  const state = STATES[item.state];
  const sum = (key: "deleted" | "changed") =>
    (item.report?.tables ?? []).reduce((total, row) => total + row[key], 0);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2 text-13">
      <Status status={state.status} label={state.label} />
      <span className="text-fg-muted tabular-nums">
        {formatCount(sum("deleted"))} rows deleted, {formatCount(sum("changed"))} changed
      </span>
      <span className="ml-auto text-fg-subtle text-xs">
        <RelativeTime at={item.createdAt} />
      </span>
      {item.report && (
        <Button size="sm" variant="ghost" onClick={onShow}>
          Report
        </Button>
      )}
    </li>
  );
}
