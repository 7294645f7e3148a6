"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight, Inbox } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { LoadMore } from "@/components/ui/load-more";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import { ApprovalBox } from "./approval-box";
import { stageName, useStages } from "./use-stages";

type Approval = Outputs["registry"]["listApprovals"]["items"][number];
export const APPROVAL_FILTERS = ["open", "all"] as const;
export type ApprovalFilter = (typeof APPROVAL_FILTERS)[number];

/** Requests, newest first; the open one is shown whole in its place. */
export function ApprovalList({
  model,
  filter,
  opened,
  onOpen,
}: {
  /** Only this model's; all of the workspace without. */
  model?: string;
  filter: ApprovalFilter;
  /** Id of the request that is open; empty for none. */
  opened: string;
  onOpen: (id: string) => void;
}) {
  const trpc = useTRPC();
  const approvals = useInfiniteQuery(
    trpc.registry.listApprovals.infiniteQueryOptions(
      { model, state: filter === "open" ? "open" : undefined },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  return (
    <Card flush>
      <QueryView query={approvals} skeleton={<TableSkeleton rows={3} />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) return <Nothing filter={filter} />;
          return (
            <ul aria-label="Requests" className="divide-y">
              {items.map((approval) => (
                <Row
                  key={approval.id}
                  approval={approval}
                  withModel={model === undefined}
                  open={approval.id === opened}
                  onToggle={() => onOpen(approval.id === opened ? "" : approval.id)}
                />
              ))}
            </ul>
          );
        }}
      </QueryView>
      <LoadMore query={approvals} />
    </Card>
  );
}

const Nothing = ({ filter }: { filter: ApprovalFilter }) => (
  <EmptyState
    icon={<Inbox aria-hidden />}
    title={filter === "open" ? "Nothing waits for a review" : "No requests yet"}
  >
    Moving a version to a stage that needs approval, or whose gates do not pass, makes a request.
  </EmptyState>
);

function Row({
  approval,
  withModel,
  open,
  onToggle,
}: {
  approval: Approval;
  withModel: boolean;
  open: boolean;
  onToggle: () => void;
}) {
  const { path } = useWorkspace();
  const stages = useStages();
  const title = `${withModel ? `${approval.modelName} ` : ""}v${approval.versionNumber}`;
  return (
    <li className="text-13">
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex min-h-11 w-full flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-left hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 text-fg-subtle transition-transform", open && "rotate-90")}
        />
        <span className="font-medium">{title}</span>
        <span className="text-fg-muted">
          {stageName(stages, approval.fromStage)} → {stageName(stages, approval.toStage)}
        </span>
        <Status status={approval.state} />
        <span className="ml-auto text-fg-subtle text-xs">
          {approval.requestedBy.name}, <RelativeTime at={approval.createdAt} />
        </span>
      </button>
      {open && (
        <div className="space-y-3 border-t bg-bg p-3 sm:p-4">
          <TextLink href={path("registry", approval.modelId, "versions", approval.versionNumber)}>
            Open {approval.modelName} v{approval.versionNumber}
          </TextLink>
          <ApprovalBox id={approval.id} />
        </div>
      )}
    </li>
  );
}
