"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileText, Pencil } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { TextArea } from "@/components/ui/field";
import { Markdown } from "@/components/ui/markdown";
import { EmptyState } from "@/components/ui/states";
import type { Model } from "./model-page";

/** A card nobody has to start from an empty page. */
const OUTLINE = `# Purpose

What the model is for, and what it must not be used for.

## Data

Where the training data came from, and whom it may describe badly.

## Quality

Which metric decides, and how good is good enough.

## Owner

Whom to ask.
`;

/** The model card: read, or written with its preview beside it. */
export function CardTab({ model }: { model: Model }) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft !== null) return <CardEditor model={model} draft={draft} onDraft={setDraft} />;
  const edit = () => setDraft(model.card || OUTLINE);
  if (model.card === "") {
    return (
      <Card>
        <EmptyState
          icon={<FileText aria-hidden />}
          title="No model card yet"
          action={
            <Allowed permission="models:write" explain>
              <Button variant="primary" onClick={edit}>
                Write one
              </Button>
            </Allowed>
          }
        >
          A card says what the model is for, what it was trained on and whom to ask.
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card
      title="Model card"
      actions={
        <Allowed permission="models:write">
          <Button size="sm" onClick={edit}>
            <Pencil aria-hidden className="size-3.5" />
            Edit
          </Button>
        </Allowed>
      }
    >
      <div className="max-w-3xl">
        <Markdown text={model.card} />
      </div>
    </Card>
  );
}

function CardEditor({
  model,
  draft,
  onDraft,
}: {
  model: Model;
  draft: string;
  onDraft: (draft: string | null) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const save = useMutation(
    trpc.registry.updateModel.mutationOptions({
      onError: toastFailure,
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.registry.getModel.pathKey() });
        toast.success("The card is saved");
        onDraft(null);
      },
    }),
  );
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card
        title="Markdown"
        actions={
          <>
            <Button size="sm" onClick={() => onDraft(null)}>
              Cancel
            </Button>
            <Button
              size="sm"
              variant="primary"
              loading={save.isPending}
              onClick={() => save.mutate({ model: model.id, card: draft })}
            >
              Save
            </Button>
          </>
        }
      >
        <TextArea label="Model card" mono rows={24} value={draft} onChange={onDraft} />
      </Card>
      <Card title="Preview">
        <div aria-live="off">
          <Markdown text={draft} />
        </div>
      </Card>
    </div>
  );
}
