"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import type { JobDto } from "@/server/training/schemas";

/** Stops a job; says so while the trainer is still ending. */
export function CancelButton({ job }: { job: JobDto }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const cancel = useMutation(
    trpc.training.cancel.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success("The training is being stopped"),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.training.pathKey() }),
    }),
  );
  if (job.cancelRequested) return <Button loading>Stopping</Button>;
  return (
    <ConfirmDialog
      trigger={<Button loading={cancel.isPending}>Cancel training</Button>}
      title="Cancel this training?"
      confirmLabel="Cancel training"
      onConfirm={() => cancel.mutate({ job: job.id })}
    >
      No version is made. The curves and the log so far stay.
    </ConfirmDialog>
  );
}
