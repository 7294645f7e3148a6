"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";

const FORM = "edit-experiment";

/** Renames and describes an experiment. */
export function EditExperimentDialog({
  experiment,
  open,
  onOpenChange,
}: {
  experiment: { id: string; name: string; description: string };
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [name, setName] = useState(experiment.name);
  const [description, setDescription] = useState(experiment.description);
  const save = useMutation(
    trpc.experiments.update.mutationOptions({
      onSuccess: () => {
        void client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        toast.success("Saved");
        onOpenChange(false);
      },
    }),
  );
  const failure = save.error ? toFailure(save.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Edit the experiment"
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ experiment: experiment.id, changes: { name, description } });
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          required
          autoComplete="off"
          error={failure ? (failure.fields.name ?? failure.detail) : null}
        />
        <TextArea label="Description" optional value={description} onChange={setDescription} />
      </form>
    </Dialog>
  );
}
