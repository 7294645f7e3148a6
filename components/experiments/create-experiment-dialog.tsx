"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { DescriptionField, FormDialog, NameField, nameProblems } from "@/components/ui/form-dialog";

/** A name for a set of runs. */
export function CreateExperimentDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = useMutation(
    trpc.experiments.create.mutationOptions({
      onSuccess: (experiment) => {
        void queryClient.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        router.push(path("experiments", experiment.id));
      },
    }),
  );
  const problems = nameProblems(create.error);
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Create an experiment"
      submitLabel="Create"
      pending={create.isPending}
      problem={problems.form}
      onSubmit={() => create.mutate({ name, description })}
    >
      <NameField value={name} onChange={setName} error={problems.name} />
      <DescriptionField value={description} onChange={setDescription} />
    </FormDialog>
  );
}
