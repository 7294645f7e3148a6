"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import type { Model } from "./model-page";
import { parseTags, tagsText } from "./parse-tags";

const FORM = "edit-model";

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
  const failure = update.error ? toFailure(update.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Edit model"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={update.isPending}>
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
          update.mutate({ model: model.id, name, description, tags: parseTags(tags) });
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          required
          error={failure?.fields.name}
        />
        <TextArea label="Description" optional value={description} onChange={setDescription} />
        <TextField
          label="Tags"
          optional
          hint="Pairs like team=risk, separated by commas."
          value={tags}
          onChange={setTags}
        />
        {failure && !failure.fields.name && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
