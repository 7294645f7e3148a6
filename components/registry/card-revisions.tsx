"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { formatCount } from "@/components/ui/format";
import { Markdown } from "@/components/ui/markdown";
import { QueryView, Skeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";

type Summary = Outputs["registry"]["listCardRevisions"]["items"][number];

/** Who wrote the card and when; each revision can be read and taken up again. */
export function CardRevisions({
  model,
  items,
  onRestore,
}: {
  model: string;
  items: Summary[];
  onRestore: (text: string) => void;
}) {
  const [shown, setShown] = useState<number | null>(null);
  if (items.length === 0) return null;
  return (
    <Card title="Revisions" flush>
      <ol aria-label="Revisions" className="divide-y">
        {items.map((item) => (
          <li key={item.revision} className="flex items-center gap-3 px-4 py-2 text-13">
            <div className="min-w-0 flex-1">
              <div className="truncate font-medium">{item.writtenBy.name}</div>
              <div className="text-fg-subtle text-xs">
                {formatCount(item.characters)} characters, <RelativeTime at={item.createdAt} />
              </div>
            </div>
            <Button
              size="sm"
              variant="ghost"
              aria-label={`Read revision ${item.revision}`}
              onClick={() => setShown(item.revision)}
            >
              #{item.revision}
            </Button>
          </li>
        ))}
      </ol>
      {shown !== null && (
        <RevisionDialog
          model={model}
          revision={shown}
          onRestore={onRestore}
          onClose={() => setShown(null)}
        />
      )}
    </Card>
  );
}

function RevisionDialog({
  model,
  revision,
  onRestore,
  onClose,
}: {
  model: string;
  revision: number;
  onRestore: (text: string) => void;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const query = useQuery(trpc.registry.getCardRevision.queryOptions({ model, revision }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="lg"
      title={`Revision ${revision}`}
      footer={
        <>
          <Allowed permission="models:write">
            <Button
              disabled={!query.data}
              onClick={() => query.data && onRestore(query.data.content)}
            >
              Edit from here
            </Button>
          </Allowed>
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <QueryView query={query} skeleton={<Skeleton className="h-48" />}>
        {(data) => <Markdown text={data.content} />}
      </QueryView>
    </Dialog>
  );
}
