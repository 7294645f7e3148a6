"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { DescriptionField, FormDialog, NameField, nameProblems } from "@/components/ui/form-dialog";
import { humanize } from "@/components/ui/format";
import { SelectField } from "@/components/ui/select";
import {
  FRAMEWORKS,
  type Framework,
  MODEL_TYPES,
  type ModelType,
} from "@/server/registry/constants";
import { parseTags } from "./parse-tags";
import { TagsField } from "./tags-field";

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
  const problems = nameProblems(create.error);
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Create a model"
      description="A name under which versions are kept."
      width="md"
      submitLabel="Create"
      pending={create.isPending}
      problem={problems.form}
      onSubmit={() => create.mutate({ name, description, type, framework, tags: parseTags(tags) })}
    >
      <NameField value={name} onChange={setName} error={problems.name} />
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
      <DescriptionField value={description} onChange={setDescription} />
      <TagsField value={tags} onChange={setTags} />
    </FormDialog>
  );
}
