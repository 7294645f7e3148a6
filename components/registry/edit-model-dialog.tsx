"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { DescriptionField, FormDialog, NameField, nameProblems } from "@/components/ui/form-dialog";
import type { Model } from "./model-page";
import { parseTags, tagsText } from "./parse-tags";
import { TagsField } from "./tags-field";

/** Name, description and tags. */
export function EditModelDialog({ model, onClose }: { model: Model; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState(model.name);
  const [description, setDescription] = useState(model.description);
  const [tags, setTags] = useState(tagsText(model.tags));
  const update = useMutation(
    trpc.registry.updateModel.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success("Saved");
        onClose();
      },
    }),
  );
  const problems = nameProblems(update.error);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Edit model"
      width="md"
      submitLabel="Save"
      pending={update.isPending}
      problem={problems.form}
      onSubmit={() => update.mutate({ model: model.id, name, description, tags: parseTags(tags) })}
    >
      <NameField value={name} onChange={setName} error={problems.name} />
      <DescriptionField value={description} onChange={setDescription} />
      <TagsField value={tags} onChange={setTags} />
    </FormDialog>
  );
}
