"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";

const FORM = "semantic-version";

/** Gives a version a number people read a promise from, such as 1.2.0; the next ones are offered. */
export function SemanticVersionDialog({
  version,
  onClose,
}: {
  version: { id: string; modelId: string; number: number; semanticVersion: string | null };
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { modelId: model, id } = version;
  const [text, setText] = useState(version.semanticVersion ?? "");
  const known = useQuery(trpc.registry.listSemanticVersions.queryOptions({ model }));
  const save = useMutation(
    trpc.registry.setSemanticVersion.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        onClose();
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title={`Semantic version of v${version.number}`}
      description="Unique within the model; breaking changes raise the first number."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ model, version: id, semanticVersion: text.trim() || null });
        }}
      >
        <TextField
          label="Semantic version"
          hint="Such as 1.2.0 or 1.2.0-rc.1; empty takes it off."
          mono
          value={text}
          onChange={setText}
          autoComplete="off"
          error={save.error ? toFailure(save.error).detail : null}
        />
        {known.data && (
          <div className="flex flex-wrap items-center gap-2 text-fg-subtle text-xs">
            Next:
            {(["patch", "minor", "major"] as const).map((part) => (
              <Button key={part} size="sm" onClick={() => setText(known.data.next[part])}>
                <code className="font-mono text-xs">{known.data.next[part]}</code> {part}
              </Button>
            ))}
          </div>
        )}
      </form>
    </Dialog>
  );
}
