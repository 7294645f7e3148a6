"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { toFailure } from "@/components/ui/failure";
import { MarkdownEditor } from "@/components/ui/markdown-editor";

/** Markdown with its preview. What somebody else wrote meanwhile is never overwritten unseen. */
export function CardEditor({
  model,
  draft,
  onClose,
}: {
  model: string;
  draft: { text: string; base: number };
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [text, setText] = useState(draft.text);
  const save = useMutation(
    trpc.registry.writeCard.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success("The card is saved");
        onClose();
      },
    }),
  );
  const failure = save.error ? toFailure(save.error) : null;
  return (
    <MarkdownEditor
      label="Model card"
      text={text}
      onText={setText}
      rows={24}
      problem={
        failure &&
        `${failure.detail}${failure.code === "conflict" ? " Copy your text, cancel, and add it to the newest revision." : ""}`
      }
      pending={save.isPending}
      onSave={() => save.mutate({ model, content: text, baseRevision: draft.base })}
      onCancel={onClose}
    />
  );
}
