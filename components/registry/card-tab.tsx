"use client";
import { useQuery } from "@tanstack/react-query";
import { FileText, Pencil } from "lucide-react";
import { useState } from "react";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC, useTRPCClient } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { Markdown } from "@/components/ui/markdown";
import { EmptyState } from "@/components/ui/states";
import { CardEditor } from "./card-editor";
import { CardRevisions } from "./card-revisions";
import type { Model } from "./model-page";

/** A card nobody has to start from an empty page, for models without a version to tell of. */
const OUTLINE = `# Purpose

What the model is for, and what it must not be used for.

## Data

Where the training data came from, and whom it may describe badly.

## Quality

Which metric decides, and how good is good enough.

## Owner

Whom to ask.
`;

interface Draft {
  text: string;
  /** The revision it was written from; 0 for none. */
  base: number;
}

/** The model card: read, written with its preview beside it, and gone back to. */
export function CardTab({ model }: { model: Model }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const revisions = useQuery(
    trpc.registry.listCardRevisions.queryOptions({ model: model.id, limit: 20 }),
  );
  const base = revisions.data?.items[0]?.revision ?? 0;
  if (draft) {
    return <CardEditor model={model.id} draft={draft} onClose={() => setDraft(null)} />;
  }
  const begin = (text: string) => setDraft({ text, base });
  const beginFromVersion = async () => {
    if (model.latestVersion === null) return begin(OUTLINE);
    const ref = { model: model.id, version: String(model.latestVersion) };
    await client.registry.draftCard.query(ref).then(({ content }) => begin(content), toastFailure);
  };
  if (model.card === "" && base === 0) return <NoCard onBegin={() => void beginFromVersion()} />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[1fr_18rem]">
      <Card
        title="Model card"
        actions={
          <Allowed permission="models:write">
            <Button size="sm" disabled={!revisions.data} onClick={() => begin(model.card)}>
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
      <CardRevisions
        model={model.id}
        items={revisions.data?.items ?? []}
        onRestore={(text) => begin(text)}
      />
    </div>
  );
}

const NoCard = ({ onBegin }: { onBegin: () => void }) => (
  <Card>
    <EmptyState
      icon={<FileText aria-hidden />}
      title="No model card yet"
      action={
        <Allowed permission="models:write" explain>
          <Button variant="primary" onClick={onBegin}>
            Write one
          </Button>
        </Allowed>
      }
    >
      A card says what the model is for, what it was trained on and whom to ask. A first draft is
      made of what the newest version knows.
    </EmptyState>
  </Card>
);
