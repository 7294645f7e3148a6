"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";
import { formatCount, formatPlural } from "@/components/ui/format";
import { offerUndo, withdrawUndo } from "@/components/ui/offer-undo";

const runsText = (count: number) => formatPlural(count, "run");

/** Archive with undo, restore, delete for good. `onDone` runs when the runs have left the table. */
export function useBulkRuns(onDone: () => void) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
  const restore = useMutation(
    trpc.experiments.restoreRuns.mutationOptions({
      onMutate: withdrawUndo,
      onSuccess: ({ runIds }) => {
        void renew();
        onDone();
        toast.success(
          runIds.length === 1 ? "The run is back" : `${formatCount(runIds.length)} runs are back`,
        );
      },
      onError: toastFailure,
    }),
  );
  const archive = useMutation(
    trpc.experiments.archiveRuns.mutationOptions({
      onMutate: withdrawUndo,
      onSuccess: ({ runIds }) => {
        void renew();
        onDone();
        offerUndo(`${runsText(runIds.length)} archived`, () => restore.mutate({ runIds }));
      },
      onError: toastFailure,
    }),
  );
  const purge = useMutation(
    trpc.experiments.purgeRuns.mutationOptions({
      onMutate: withdrawUndo,
      onSuccess: ({ runIds }) => {
        void renew();
        onDone();
        toast.success(`${runsText(runIds.length)} deleted for good`);
      },
      onError: toastFailure,
    }),
  );
  return {
    archive: (runIds: string[]) => archive.mutate({ runIds }),
    restore: (runIds: string[]) => restore.mutate({ runIds }),
    purge: (runIds: string[]) => purge.mutate({ runIds }),
  };
}
