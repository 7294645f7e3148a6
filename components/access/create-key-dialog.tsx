"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { KeyForm } from "./key-form";
import { ShownOnce } from "./shown-once";

const FORM = "create-key";

/** Makes an API key and shows it once. */
export function CreateKeyDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const create = useMutation(
    trpc.access.createApiKey.mutationOptions({
      onSuccess: () =>
        queryClient.invalidateQueries({ queryKey: trpc.access.listApiKeys.queryKey() }),
    }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (!next) create.reset();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="Create an API key"
      description="It may do what its scopes say, and never more than its role or you."
      footer={
        create.data ? (
          <Button onClick={() => close(false)}>Done</Button>
        ) : (
          <>
            <Button onClick={() => close(false)}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" loading={create.isPending}>
              Create
            </Button>
          </>
        )
      }
    >
      {create.data ? (
        <ShownOnce
          label="API key"
          secret={create.data.key}
          note="Copy the key now: only its hash is kept, so it cannot be shown again."
        />
      ) : (
        <KeyForm id={FORM} error={create.error} onSubmit={(values) => create.mutate(values)} />
      )}
    </Dialog>
  );
}
