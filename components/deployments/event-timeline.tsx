"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import {
  ArrowRightLeft,
  CircleCheck,
  CircleX,
  LoaderCircle,
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
  requested: { icon: Send, text: "asked to serve", tone: "text-fg-subtle" },
  loading: { icon: LoaderCircle, text: "loading", tone: "text-accent-text" },
  activated: { icon: CircleCheck, text: "took all traffic with", tone: "text-positive" },
  superseded: { icon: ArrowRightLeft, text: "gave up", tone: "text-fg-subtle" },
  failed: { icon: CircleX, text: "could not load", tone: "text-danger" },
  rolled_back: { icon: Undo2, text: "rolled back to", tone: "text-warning" },
  deleted: { icon: Power, text: "taken out of service", tone: "text-fg-subtle" },
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
            <span className="font-medium">{event.actorName}</span>{" "}
            <span className="text-fg-muted">{kind.text}</span>{" "}
            {event.versionNumber !== null && (
              <span className="font-medium">v{event.versionNumber}</span>
            )}
          </span>
          <span className="text-fg-subtle text-xs">
            <RelativeTime at={event.at} />
          </span>
        </div>
        {event.message && <p className="break-words text-fg-subtle text-xs">{event.message}</p>}
      </div>
    </li>
  );
}
