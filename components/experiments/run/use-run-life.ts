"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";

/** Renames, ends or resumes a run, and says `done`. */
export function useUpdateRun(done: string, onDone: () => void) {
  const trpc = useTRPC();
  const client = useQueryClient();
  return useMutation(
    trpc.experiments.updateRun.mutationOptions({
      onSuccess: () => {
        void client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        toast.success(done);
        onDone();
      },
    }),
  );
}

const SAID = {
  FINISHED: "The run is finished",
  FAILED: "The run is marked as failed",
  KILLED: "The run is marked as killed",
  RUNNING: "The run is open again",
} as const;

/** Sets the status of a run; each can be taken back by setting another. */
export function useRunStatus(runId: string) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const update = useMutation(
    trpc.experiments.updateRun.mutationOptions({
      onSuccess: (run) => {
        void client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        if (run.status !== "SCHEDULED") toast.success(SAID[run.status]);
      },
      onError: toastFailure,
    }),
  );
  return (status: keyof typeof SAID) => update.mutate({ runId, changes: { status } });
}
