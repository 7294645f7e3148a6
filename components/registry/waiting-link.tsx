"use client";
import { useQuery } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";

/** Counted so far; more is "20+". */
const COUNTED_MAX = 20;

/** The way to the requests, with how many wait. */
export function WaitingLink() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const waiting = useQuery(
    trpc.registry.listApprovals.queryOptions({ state: "open", limit: COUNTED_MAX }),
  );
  const count = waiting.data?.items.length ?? 0;
  return (
    <LinkButton href={path("registry", "approvals")}>
      <Inbox aria-hidden className="size-3.5" />
      Approvals
      {count > 0 && (
        <span className="rounded bg-warning-soft px-1 text-2xs text-warning tabular-nums">
          {waiting.data?.nextCursor ? `${COUNTED_MAX}+` : count}
          <span className="sr-only"> waiting</span>
        </span>
      )}
    </LinkButton>
  );
}
