"use client";
import { useQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import type { RollOutDto } from "@/server/deployments/roll-outs/schemas";
import { STRATEGY_TEXTS } from "../strategies";
import { useChanges } from "../use-change";

const SHOWN = 6;

/** The last roll-outs with how they ended and why; the newest can be taken up again. */
export function RollOutHistory({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const rollOuts = useQuery(
    trpc.deployments.listRollOuts.queryOptions({ deployment, limit: SHOWN }),
  );
  return (
    <Card title="Roll-outs" flush>
      <QueryView query={rollOuts} skeleton={<TableSkeleton rows={3} />}>
        {({ items }) => (
          <ul className="divide-y">
            {items.map((rollOut, index) => (
              <HistoryRow key={rollOut.id} rollOut={rollOut} isNewest={index === 0} />
            ))}
          </ul>
        )}
      </QueryView>
    </Card>
  );
}

function HistoryRow({ rollOut, isNewest }: { rollOut: RollOutDto; isNewest: boolean }) {
  const { isBusy, resume } = useChanges();
  const canResume = isNewest && (rollOut.state === "aborted" || rollOut.state === "rolled_back");
  return (
    <li className="space-y-1 px-4 py-2 text-13">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">v{rollOut.versionNumber}</span>
        <span className="text-fg-muted">{STRATEGY_TEXTS[rollOut.strategy].label}</span>
        <Status status={rollOut.state} />
        <span className="ml-auto text-fg-subtle text-xs">
          <RelativeTime at={rollOut.finishedAt ?? rollOut.createdAt} />
        </span>
      </div>
      {rollOut.reason && <p className="wrap-anywhere text-fg-subtle text-xs">{rollOut.reason}</p>}
      {canResume && (
        <Allowed permission="deployments:write">
          <Button
            size="sm"
            loading={resume.isPending}
            disabled={isBusy}
            onClick={() => resume.mutate({ deployment: rollOut.deploymentId, rollOut: rollOut.id })}
          >
            <RotateCcw aria-hidden className="size-3.5" />
            Begin it again
          </Button>
        </Allowed>
      )}
    </li>
  );
}
