"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { NotebookPen, Pencil } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toFailure } from "@/components/ui/failure";
import { Markdown } from "@/components/ui/markdown";
import { MarkdownEditor } from "@/components/ui/markdown-editor";
import { EmptyState } from "@/components/ui/states";
import type { Run } from "../run-page";

/** The tag MLflow keeps a run's description in. */
const NOTE_TAG = "mlflow.note.content";
/** What a tag holds, characters. */
const NOTE_MAX = 8000;

const noteOf = (run: Run): string => run.tags.find((tag) => tag.key === NOTE_TAG)?.value ?? "";

/** What people wrote about the run, as MLflow's own pages show it. */
export function RunNotes({ run }: { run: Run }) {
  const [isEditing, setEditing] = useState(false);
  const note = noteOf(run);
  if (isEditing) return <NoteEditor run={run} note={note} onClose={() => setEditing(false)} />;
  if (note.trim() === "") return <NoNote run={run} onBegin={() => setEditing(true)} />;
  return (
    <Card
      title="Notes"
      actions={
        !run.deletedAt && (
          <Allowed permission="experiments:write">
            <Button size="sm" onClick={() => setEditing(true)}>
              <Pencil aria-hidden className="size-3.5" />
              Edit
            </Button>
          </Allowed>
        )
      }
    >
      <div className="max-w-3xl">
        <Markdown text={note} />
      </div>
    </Card>
  );
}

const NoNote = ({ run, onBegin }: { run: Run; onBegin: () => void }) => (
  <Card>
    <EmptyState
      icon={<NotebookPen aria-hidden />}
      title="No notes yet"
      action={
        !run.deletedAt && (
          <Allowed permission="experiments:write" explain>
            <Button variant="primary" onClick={onBegin}>
              Write notes
            </Button>
          </Allowed>
        )
      }
    >
      Say what was tried and what came of it. MLflow clients see it as the run's description.
    </EmptyState>
  </Card>
);

function NoteEditor({ run, note, onClose }: { run: Run; note: string; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [text, setText] = useState(note);
  const save = useMutation(
    trpc.experiments.tagRuns.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        toast.success("The notes are saved");
        onClose();
      },
    }),
  );
  const submit = () =>
    save.mutate({
      runIds: [run.id],
      ...(text.trim() === "" ? { remove: [NOTE_TAG] } : { set: [{ key: NOTE_TAG, value: text }] }),
    });
  return (
    <MarkdownEditor
      label="Notes"
      text={text}
      onText={setText}
      charsMax={NOTE_MAX}
      problem={save.error && toFailure(save.error).detail}
      unchanged={text === note}
      pending={save.isPending}
      onSave={submit}
      onCancel={onClose}
    />
  );
}
