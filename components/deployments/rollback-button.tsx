"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import type { DeploymentDto } from "@/server/deployments/schemas";

/** One click and a yes: all traffic back to the version before. A second rollback goes forward. */
export function RollbackButton({ deployment }: { deployment: DeploymentDto }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const rollback = useMutation(
    trpc.deployments.rollback.mutationOptions({
      onError: toastFailure,
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.deployments.pathKey() }),
    }),
  );
  const target = deployment.rollbackVersion;
  const pending = deployment.pendingVersion;
  const back = (undo: boolean) =>
    rollback.mutate(
      { deployment: deployment.id },
      {
        onSuccess: (after) =>
          toast.success(
            `${deployment.name} answers with v${after.activeVersion?.versionNumber ?? "–"}`,
            undo ? { action: { label: "Undo", onClick: () => back(false) }, duration: 10_000 } : {},
          ),
      },
    );
  if (!target && !pending) {
    return (
      <Button disabled>
        <Undo2 aria-hidden className="size-3.5" />
        Roll back
      </Button>
    );
  }
  const title = pending
    ? `Stop rolling out v${pending.versionNumber}?`
    : `Roll back to v${target?.versionNumber}?`;
  return (
    <ConfirmDialog
      tone="primary"
      title={title}
      confirmLabel={pending ? "Stop the roll-out" : "Roll back"}
      onConfirm={() => back(pending === null)}
      trigger={
        <Button loading={rollback.isPending}>
          <Undo2 aria-hidden className="size-3.5" />
          {pending ? "Stop roll-out" : "Roll back"}
        </Button>
      }
    >
      {pending
        ? "What answers now keeps answering."
        : "All traffic moves at once, and no request fails. You can undo it."}
    </ConfirmDialog>
  );
}
