"use client";
import { useIsMutating, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";
import { withdrawUndo } from "@/components/ui/offer-undo";

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
    /** A change ends when the page has read what came of it; until then its revision is stale. */
    isBusy: useIsMutating() > 0,
    pause: useMutation(trpc.deployments.pauseRollOut.mutationOptions(common)),
    resume: useMutation(trpc.deployments.resumeRollOut.mutationOptions(common)),
    promote: useMutation(trpc.deployments.promoteRollOut.mutationOptions(common)),
    abort: useMutation(trpc.deployments.abortRollOut.mutationOptions(common)),
    rollBack: useMutation(trpc.deployments.rollback.mutationOptions(common)),
    setTraffic: useMutation(trpc.deployments.setTraffic.mutationOptions(common)),
  };
}

/** What follows a change that went well, even when what asked for it has left the page by then. */
export function afterwards<T>(change: Promise<T>, next: (value: T) => void): void {
  // What failed is said by the change itself.
  change.then(next, () => undefined);
}
