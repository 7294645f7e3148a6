"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { humanize } from "@/components/ui/format";
import { SelectField } from "@/components/ui/select";
import {
  FRAMEWORKS,
  type Framework,
  MODEL_TYPES,
  type ModelType,
} from "@/server/registry/constants";
import { parseTags } from "./parse-tags";

const FORM = "create-model";

/** Registers a name and opens its page. */
export function CreateModelDialog({
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
  const [type, setType] = useState<ModelType>("classification");
  const [framework, setFramework] = useState<Framework>("scikit-learn");
  const [tags, setTags] = useState("");
  const create = useMutation(
    trpc.registry.createModel.mutationOptions({
      onSuccess: (model) => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success(`${model.name} is registered`);
        router.push(path("registry", model.id));
      },
    }),
  );
  const failure = create.error ? toFailure(create.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Create a model"
      description="A name under which versions are kept."
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
          create.mutate({ name, description, type, framework, tags: parseTags(tags) });
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          required
          autoComplete="off"
          error={failure?.fields.name ?? (failure?.code === "conflict" ? failure.detail : null)}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Type"
            value={type}
            onChange={setType}
            options={MODEL_TYPES.map((value) => ({ value, label: humanize(value) }))}
          />
          <SelectField
            label="Framework"
            value={framework}
            onChange={setFramework}
            options={FRAMEWORKS.map((value) => ({ value, label: value }))}
          />
        </div>
        <TextArea label="Description" optional value={description} onChange={setDescription} />
        <TextField
          label="Tags"
          optional
          hint="Pairs like team=risk, separated by commas."
          value={tags}
          onChange={setTags}
        />
        {failure && failure.code !== "conflict" && !failure.fields.name && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
