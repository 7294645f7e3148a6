"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toFailure } from "@/components/ui/failure";
import { TextArea } from "@/components/ui/field";
import { Markdown } from "@/components/ui/markdown";

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
  const preview = useDeferredValue(text);
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
    <div className="grid gap-4 lg:grid-cols-2">
      <Card
        title="Markdown"
        actions={
          <>
            <Button size="sm" onClick={onClose}>
              Cancel
            </Button>
            <Button
              size="sm"
              variant="primary"
              loading={save.isPending}
              onClick={() => save.mutate({ model, content: text, baseRevision: draft.base })}
            >
              Save
            </Button>
          </>
        }
      >
        {failure && (
          <p role="alert" className="mb-3 rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {failure.detail}
            {failure.code === "conflict" &&
              " Copy your text, cancel, and add it to the newest revision."}
          </p>
        )}
        <TextArea label="Model card" mono rows={24} value={text} onChange={setText} />
      </Card>
      <Card title="Preview">
        <div aria-live="off">
          <Markdown text={preview} />
        </div>
      </Card>
    </div>
  );
}
