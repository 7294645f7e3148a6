"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";

const FORM = "create-experiment";

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
  const failure = create.error ? toFailure(create.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Create an experiment"
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={create.isPending}>
            Create
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name, description });
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
