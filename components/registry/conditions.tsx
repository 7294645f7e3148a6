"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleDashed } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea } from "@/components/ui/field";
import { isOpen } from "@/server/registry/approvals/constants";

type Approval = Outputs["registry"]["getApproval"];
type Condition = Approval["conditions"][number];

const FORM = "meet-condition";

/** What reviewers want to see done, each with who confirmed it. */
export function Conditions({ approval }: { approval: Approval }) {
  const { user, can } = useWorkspace();
  const [meeting, setMeeting] = useState<Condition | null>(null);
  if (approval.conditions.length === 0) return null;
  // Whoever reviewed already may not do so again, but still confirm a condition.
  const reviewed = approval.reviews.some(({ reviewer }) => reviewer.key === `user:${user.id}`);
  const open =
    isOpen(approval.state) && (approval.review.allowed || (reviewed && can("approvals:write")));
  return (
    <div>
      <h3 className="mb-1.5 font-medium text-13">Conditions</h3>
      <ul className="space-y-1.5">
        {approval.conditions.map((condition) => (
          <li key={condition.id} className="flex items-start gap-2 text-13">
            {condition.metAt ? (
              <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-positive" />
            ) : (
              <CircleDashed aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
            )}
            <span className="min-w-0 flex-1">
              <span className="sr-only">{condition.metAt ? "Met: " : "Not met: "}</span>
              {condition.text}
              <span className="block text-fg-subtle text-xs">
                {condition.metBy
                  ? `met, says ${condition.metBy.name}${condition.note ? `: ${condition.note}` : ""}`
                  : `set by ${condition.setBy.name}`}
              </span>
            </span>
            {open && !condition.metAt && (
              <Button size="sm" onClick={() => setMeeting(condition)}>
                Mark as met
              </Button>
            )}
          </li>
        ))}
      </ul>
      {meeting && (
        <MeetDialog approval={approval.id} condition={meeting} onClose={() => setMeeting(null)} />
      )}
    </div>
  );
}

function MeetDialog({
  approval,
  condition,
  onClose,
}: {
  approval: string;
  condition: Condition;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [note, setNote] = useState("");
  const meet = useMutation(
    trpc.registry.meetCondition.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        onClose();
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title="Is the condition met?"
      description={condition.text}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={meet.isPending}>
            It is met
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          meet.mutate({ approval, condition: condition.id, note });
        }}
      >
        <TextArea label="How you know" optional value={note} onChange={setNote} />
        {meet.error && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {toFailure(meet.error).detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
