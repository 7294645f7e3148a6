"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";
import { withdrawUndo } from "./offer-undo";

/** The changes of one deployment; each says what failed, and has its pages ask again. */
export function useChanges() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const common = {
    onMutate: withdrawUndo,
    onError: toastFailure,
    onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.deployments.pathKey() }),
  };
  return {
    pause: useMutation(trpc.deployments.pauseRollOut.mutationOptions(common)),
    resume: useMutation(trpc.deployments.resumeRollOut.mutationOptions(common)),
    promote: useMutation(trpc.deployments.promoteRollOut.mutationOptions(common)),
    abort: useMutation(trpc.deployments.abortRollOut.mutationOptions(common)),
    rollBack: useMutation(trpc.deployments.rollback.mutationOptions(common)),
    setTraffic: useMutation(trpc.deployments.setTraffic.mutationOptions(common)),
  };
}
