"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { toFailure } from "@/components/ui/failure";
import { TextArea } from "@/components/ui/field";
import { Segmented } from "@/components/ui/toggles";
import type { ReviewDecision } from "@/server/registry/approvals/constants";

const DECISIONS: { value: ReviewDecision; label: string }[] = [
  { value: "approve", label: "Approve" },
  { value: "conditional", label: "On conditions" },
  { value: "reject", label: "Reject" },
];

const SUBMIT: Record<ReviewDecision, string> = {
  approve: "Approve",
  conditional: "Approve on conditions",
  reject: "Reject",
};

const SAID: Record<string, string> = {
  approved: "Approved: the version moved",
  rejected: "The request is rejected",
  conditional: "Approved on conditions",
  pending: "Your review counts; the request still waits",
};

/** The reader's word on a request. */
export function ReviewForm({ approval }: { approval: { id: string } }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [decision, setDecision] = useState<ReviewDecision>("approve");
  const [comment, setComment] = useState("");
  const [conditions, setConditions] = useState("");
  const review = useMutation(
    trpc.registry.reviewApproval.mutationOptions({
      onSuccess: ({ state }) => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success(SAID[state] ?? "Reviewed");
      },
    }),
  );
  const lines = conditions.split("\n").flatMap((line) => line.trim() || []);
  const incomplete =
    (decision === "conditional" && lines.length === 0) ||
    (decision === "reject" && !comment.trim());
  return (
    <form
      aria-label="Your review"
      className="space-y-3 rounded-lg border bg-bg p-3"
      onSubmit={(event) => {
        event.preventDefault();
        review.mutate({
          approval: approval.id,
          decision,
          comment,
          conditions: decision === "conditional" ? lines : [],
        });
      }}
    >
      <Segmented label="Decision" value={decision} onChange={setDecision} choices={DECISIONS} />
      {decision === "conditional" && (
        <TextArea
          label="Conditions"
          hint="One a line. The version moves when all of them are met."
          value={conditions}
          onChange={setConditions}
          rows={2}
        />
      )}
      <TextArea
        label={decision === "reject" ? "Why" : "Comment"}
        optional={decision !== "reject"}
        value={comment}
        onChange={setComment}
        rows={2}
      />
      {review.error && (
        <p role="alert" className="text-13 text-danger">
          {toFailure(review.error).detail}
        </p>
      )}
      <Button
        type="submit"
        variant={decision === "reject" ? "danger" : "primary"}
        disabled={incomplete}
        loading={review.isPending}
      >
        {SUBMIT[decision]}
      </Button>
    </form>
  );
}
