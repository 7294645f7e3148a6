"use client";
import { useMutation } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";

/** Ends a key at once, after asking. */
export function RevokeKeyButton({ id, name }: { id: string; name: string }) {
  const trpc = useTRPC();
  const revoke = useMutation(
    trpc.access.revokeApiKey.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success(`${name} is revoked`),
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Revoke ${name}`}>
          Revoke
        </Button>
      }
      title={`Revoke ${name}?`}
      confirmLabel="Revoke"
      onConfirm={() => revoke.mutate({ id })}
    >
      Programs that use it are refused from now on. This cannot be undone.
    </ConfirmDialog>
  );
}
