"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import {
  ArrowRightLeft,
  CircleCheck,
  CircleX,
  Download,
  Hand,
  type LucideIcon,
  Pause,
  Play,
  Power,
  Scaling,
  Send,
  Settings2,
  Sliders,
  Split,
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
import { EventEffect } from "./event-effect";

const KINDS = {
  requested: { icon: Send, tone: "text-fg-subtle" },
  loading: { icon: Download, tone: "text-accent-text" },
  step: { icon: Split, tone: "text-accent-text" },
  activated: { icon: CircleCheck, tone: "text-positive" },
  paused: { icon: Pause, tone: "text-warning" },
  resumed: { icon: Play, tone: "text-accent-text" },
  awaiting_promotion: { icon: Hand, tone: "text-warning" },
  aborted: { icon: CircleX, tone: "text-warning" },
  superseded: { icon: ArrowRightLeft, tone: "text-fg-subtle" },
  failed: { icon: CircleX, tone: "text-danger" },
  rolled_back: { icon: Undo2, tone: "text-warning" },
  traffic_set: { icon: Sliders, tone: "text-accent-text" },
  scaled: { icon: Scaling, tone: "text-fg-subtle" },
  settings_changed: { icon: Settings2, tone: "text-fg-subtle" },
  deleted: { icon: Power, tone: "text-fg-subtle" },
} satisfies Record<DeploymentEventKind, { icon: LucideIcon; tone: string }>;

/** What changed, who did it, why, and what it did to the traffic; newest first. */
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
      <div className="min-w-0 flex-1 space-y-1 pt-0.5">
        <div className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="min-w-0 wrap-anywhere font-medium">{event.message}</span>
          <span className="text-fg-subtle text-xs">
            {event.actorName} · <RelativeTime at={event.at} />
          </span>
        </div>
        {event.comment && (
          <p className="wrap-anywhere border-l-2 pl-2 text-fg-muted text-xs">{event.comment}</p>
        )}
        {event.effect && <EventEffect effect={event.effect} />}
      </div>
    </li>
  );
}
