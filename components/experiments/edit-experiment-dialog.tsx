"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { DescriptionField, FormDialog, NameField, nameProblems } from "@/components/ui/form-dialog";

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
  const problems = nameProblems(save.error);
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Edit the experiment"
      submitLabel="Save"
      pending={save.isPending}
      problem={problems.form}
      onSubmit={() => save.mutate({ experiment: experiment.id, changes: { name, description } })}
    >
      <NameField value={name} onChange={setName} error={problems.name} />
      <DescriptionField value={description} onChange={setDescription} />
    </FormDialog>
  );
}
