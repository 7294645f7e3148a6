"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { toFailure } from "@/components/ui/failure";
import { FormDialog } from "@/components/ui/form-dialog";
import { NumberField } from "@/components/ui/number-field";
import { REPLICAS_MAX } from "@/server/deployments/constants";

/** Sets how many nodes hold a deployment's versions. */
export function ScaleButton({ deployment, replicas }: { deployment: string; replicas: number }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState<number | null>(replicas);
  const scale = useMutation(
    trpc.deployments.scale.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.deployments.pathKey() });
        toast.success(`Replicas: ${wanted}`);
        setOpen(false);
      },
    }),
  );
  const show = () => {
    setWanted(replicas);
    scale.reset();
    setOpen(true);
  };
  return (
    <>
      <Button size="sm" onClick={show}>
        Scale
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title="Scale this deployment"
        description="How many nodes hold its versions. New replicas answer once they are loaded."
        submitLabel="Scale"
        pending={scale.isPending}
        disabled={wanted === null}
        problem={scale.error && toFailure(scale.error).detail}
        onSubmit={() => wanted !== null && scale.mutate({ deployment, replicas: wanted })}
      >
        <NumberField
          label="Replicas"
          value={wanted}
          onChange={setWanted}
          min={1}
          max={REPLICAS_MAX}
          step={1}
        />
      </FormDialog>
    </>
  );
}
