"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";

const UNDO_MS = 10_000;

/** Archive with undo, restore, delete for good. */
export function useExperimentLife(onArchived: () => void = () => undefined) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
  const restore = useMutation(
    trpc.experiments.restore.mutationOptions({
      onSuccess: () => {
        void renew();
        toast.success("The experiment and its runs are back");
      },
      onError: toastFailure,
    }),
  );
  const archive = useMutation(
    trpc.experiments.delete.mutationOptions({
      onSuccess: (_done, { experiment }) => {
        void renew();
        onArchived();
        toast.success("Experiment archived with its runs", {
          duration: UNDO_MS,
          action: { label: "Undo", onClick: () => restore.mutate({ experiment }) },
        });
      },
      onError: toastFailure,
    }),
  );
  const purge = useMutation(
    trpc.experiments.purge.mutationOptions({
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
