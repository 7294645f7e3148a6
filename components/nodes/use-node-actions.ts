"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";
import { offerUndo, withdrawUndo } from "@/components/ui/offer-undo";
import type { NodeDto } from "@/server/deployments/nodes/schemas";

/** Draining with its undo, and removal. */
export function useNodeActions(node: NodeDto, onRemoved?: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.nodes.pathKey() });
  const input = { node: node.id ?? "" };
  const resume = useMutation(
    trpc.nodes.resume.mutationOptions({
      onMutate: withdrawUndo,
      onError: toastFailure,
      onSuccess: () => {
        void refresh();
        toast.success(`${node.name} takes models again`);
      },
    }),
  );
  const drain = useMutation(
    trpc.nodes.drain.mutationOptions({
      onMutate: withdrawUndo,
      onError: toastFailure,
      onSuccess: () => {
        void refresh();
        offerUndo(`${node.name} is being drained`, () => resume.mutate(input));
      },
    }),
  );
  const remove = useMutation(
    trpc.nodes.remove.mutationOptions({
      onMutate: withdrawUndo,
      onError: toastFailure,
      onSuccess: () => {
        void refresh();
        toast.success(`${node.name} is removed`);
        onRemoved?.();
      },
    }),
  );
  return {
    isPending: drain.isPending || resume.isPending || remove.isPending,
    drain: () => drain.mutate(input),
    resume: () => resume.mutate(input),
    remove: () => remove.mutate(input),
  };
}
