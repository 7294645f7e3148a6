"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { isOpen } from "@/server/registry/approvals/constants";
import { Conditions } from "./conditions";
import { GateReport } from "./gate-report";
import { ReviewForm } from "./review-form";
import { ReviewList } from "./review-list";
import { StageBadge } from "./stage-badge";
import { stageName, useStages } from "./use-stages";

export type ApprovalDetail = Outputs["registry"]["getApproval"];

/** One request with everything a reviewer needs: gates, conditions, who spoke, who still may. */
export function ApprovalBox({ id }: { id: string }) {
  const trpc = useTRPC();
  const approval = useQuery(trpc.registry.getApproval.queryOptions({ approval: id }));
  return (
    <QueryView query={approval} skeleton={<Skeleton className="h-48" />}>
      {(data) => <Box approval={data} />}
    </QueryView>
  );
}

function Box({ approval }: { approval: ApprovalDetail }) {
  const open = isOpen(approval.state);
  const stages = useStages();
  const gates = approval.gatesNow ?? approval.gates.atMove ?? approval.gates.atRequest;
  return (
    <Card
      title={`Request to enter ${stageName(stages, approval.toStage)}`}
      description={
        <>
          by {approval.requestedBy.name} <RelativeTime at={approval.createdAt} />
          {open && (
            <>
              {" "}
              · ends{" "}
              {new Date(approval.expiresAt).toLocaleDateString("en-US", { dateStyle: "medium" })}
            </>
          )}
        </>
      }
      actions={<Status status={approval.state} />}
    >
      <div className="space-y-4">
        <div className="flex flex-wrap items-center gap-2 text-13">
          <StageBadge stage={approval.fromStage} />
          <ArrowRight aria-hidden className="size-3.5 text-fg-subtle" />
          <span className="sr-only">to</span>
          <StageBadge stage={approval.toStage} />
        </div>
        {approval.comment && <p className="whitespace-pre-wrap text-13">{approval.comment}</p>}
        {approval.closeReason && <p className="text-13 text-fg-muted">{approval.closeReason}</p>}
        <GateReport
          report={gates}
          label={
            open ? "Gates now" : approval.gates.atMove ? "Gates at the move" : "Gates when asked"
          }
        />
        <Conditions approval={approval} />
        <ReviewList approval={approval} />
        {approval.review.allowed && <ReviewForm approval={approval} />}
        {open && !approval.review.allowed && <MayNot approval={approval} />}
        {open && <OwnActions approval={approval} />}
      </div>
    </Card>
  );
}

/** Why the reader may not review, and who may. */
function MayNot({ approval }: { approval: ApprovalDetail }) {
  const { required, trainedBy, requestedBy } = approval;
  const excluded = [...new Set([requestedBy.name, ...(trainedBy ? [trainedBy.name] : [])])];
  const people = required.people.map((person) => person.name);
  const roles = required.roles.map((role) => `anybody who is ${role.replaceAll("_", " ")}`);
  const named = [...people, ...roles];
  return (
    <p className="rounded-lg bg-muted p-3 text-13 text-fg-muted">
      {approval.review.reason}{" "}
      {named.length > 0
        ? `Ask ${new Intl.ListFormat("en-US", { type: "disjunction" }).format(named)}`
        : "Ask anybody who may approve"}
      , but not {excluded.join(" or ")}: nobody approves their own.
    </p>
  );
}

/** What whoever asked may do: look again, or take it back. */
function OwnActions({ approval }: { approval: ApprovalDetail }) {
  const trpc = useTRPC();
  const { can, user } = useWorkspace();
  const isOwn = approval.requestedBy.key === `user:${user.id}`;
  const queryClient = useQueryClient();
  const settled = () => queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
  const recheck = useMutation(
    trpc.registry.recheckApproval.mutationOptions({
      onError: toastFailure,
      onSuccess: async ({ state }) => {
        await settled();
        toast.success(state === "approved" ? "The version moved" : "Looked again: still waiting");
      },
    }),
  );
  const withdraw = useMutation(
    trpc.registry.withdrawApproval.mutationOptions({
      onError: toastFailure,
      onSuccess: async () => {
        await settled();
        toast.success("The request is withdrawn");
      },
    }),
  );
  if (!can("models:write")) return null;
  return (
    <div className="flex flex-wrap gap-2 border-t pt-3">
      <Button
        size="sm"
        loading={recheck.isPending}
        onClick={() => recheck.mutate({ approval: approval.id })}
      >
        Check the gates again
      </Button>
      {(isOwn || can("workspace:write")) && (
        <ConfirmDialog
          trigger={
            <Button size="sm" variant="ghost" loading={withdraw.isPending}>
              Withdraw
            </Button>
          }
          title="Withdraw the request?"
          confirmLabel="Withdraw"
          onConfirm={() => withdraw.mutate({ approval: approval.id })}
        >
          The version stays where it is. You can ask again.
        </ConfirmDialog>
      )}
    </div>
  );
}
