"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";
import { offerUndo, withdrawUndo } from "@/components/ui/offer-undo";

/** Archive with undo, restore, delete for good. */
export function useExperimentLife(onArchived: () => void = () => undefined) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
  const restore = useMutation(
    trpc.experiments.restore.mutationOptions({
      onMutate: withdrawUndo,
      onSuccess: () => {
        void renew();
        toast.success("The experiment and its runs are back");
      },
      onError: toastFailure,
    }),
  );
  const archive = useMutation(
    trpc.experiments.delete.mutationOptions({
      onMutate: withdrawUndo,
      onSuccess: (_done, { experiment }) => {
        void renew();
        onArchived();
        offerUndo("Experiment archived with its runs", () => restore.mutate({ experiment }));
      },
      onError: toastFailure,
    }),
  );
  const purge = useMutation(
    trpc.experiments.purge.mutationOptions({
      onMutate: withdrawUndo,
      onSuccess: () => {
        void renew();
        toast.success("Experiment deleted for good");
      },
      onError: toastFailure,
    }),
  );
  return {
    archive: (experiment: string) => archive.mutate({ experiment }),
    restore: (experiment: string) => restore.mutate({ experiment }),
    purge: (experiment: string) => purge.mutate({ experiment }),
  };
}
