"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure, toFailure } from "@/components/ui/failure";

/** Saves a patch at its place; answers messages by path within the section, undefined when it went well. */
export type SaveSettings = (
  place: string[],
  patch: unknown,
) => Promise<Record<string, string> | undefined>;

export function useSaveSettings(deployment: string): SaveSettings {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const update = useMutation(trpc.deployments.updateSettings.mutationOptions());
  return async (place, patch) => {
    const body = place.reduceRight<unknown>((inner, name) => ({ [name]: inner }), patch);
    try {
      await update.mutateAsync({ deployment, ...(body as object) });
      await queryClient.invalidateQueries({ queryKey: trpc.deployments.pathKey() });
      toast.success("Saved. Gateways follow at once.");
      return undefined;
    } catch (error) {
      const prefix = `${place.join(".")}.`;
      const fields = Object.entries(toFailure(error).fields)
        .filter(([path]) => path.startsWith(prefix))
        .map(([path, message]) => [path.slice(prefix.length), message] as const);
      if (fields.length === 0) toastFailure(error);
      return Object.fromEntries(fields);
    }
  };
}
