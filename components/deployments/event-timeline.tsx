"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import {
  ArrowRightLeft,
  CircleCheck,
  CircleX,
  Download,
  type LucideIcon,
  Power,
  Send,
  Undo2,
} from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { LoadMore } from "@/components/ui/load-more";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import type { DeploymentEventKind } from "@/server/deployments/constants";
import type { DeploymentEventDto } from "@/server/deployments/schemas";

const KINDS = {
  requested: { icon: Send, text: "Asked to serve", tone: "text-fg-subtle" },
  loading: { icon: Download, text: "Loading", tone: "text-accent-text" },
  activated: { icon: CircleCheck, text: "Live with", tone: "text-positive" },
  superseded: { icon: ArrowRightLeft, text: "Replaced", tone: "text-fg-subtle" },
  failed: { icon: CircleX, text: "Could not load", tone: "text-danger" },
  rolled_back: { icon: Undo2, text: "Rolled back to", tone: "text-warning" },
  deleted: { icon: Power, text: "Taken out of service", tone: "text-fg-subtle" },
} satisfies Record<DeploymentEventKind, { icon: LucideIcon; text: string; tone: string }>;

/** Who changed what, newest first. */
export function EventTimeline({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const events = useInfiniteQuery(
    trpc.deployments.listEvents.infiniteQueryOptions(
      { deployment, limit: 20 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  return (
    <Card title="Timeline" flush>
      <QueryView query={events} skeleton={<TableSkeleton rows={4} />}>
        {(data) => (
          <ol className="px-4 py-3">
            {data.pages
              .flatMap((page) => page.items)
              .map((event) => (
                <TimelineEntry key={event.id} event={event} />
              ))}
          </ol>
        )}
      </QueryView>
      <LoadMore query={events} />
    </Card>
  );
}

function TimelineEntry({ event }: { event: DeploymentEventDto }) {
  const kind = KINDS[event.kind];
  return (
    <li className="group relative flex gap-3 pb-4 text-13 last:pb-0">
      <span aria-hidden className="absolute top-6 bottom-0 left-3 w-px bg-line group-last:hidden" />
      <span className="z-10 flex size-6 shrink-0 items-center justify-center rounded-full border bg-surface">
        <kind.icon aria-hidden className={cn("size-3.5", kind.tone)} />
      </span>
      <div className="min-w-0 flex-1 pt-0.5">
        <div className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span>
            <span className="font-medium">{kind.text}</span>{" "}
            {event.versionNumber !== null && <span>v{event.versionNumber}</span>}
          </span>
          <span className="text-fg-subtle text-xs">
            <RelativeTime at={event.at} />
          </span>
        </div>
        <p className="break-words text-fg-subtle text-xs">
          {event.message && `${event.message} · `}by {event.actorName}
        </p>
      </div>
    </li>
  );
}
