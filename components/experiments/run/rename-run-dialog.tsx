"use client";
import { useState } from "react";
import { FormDialog, NameField, nameProblems } from "@/components/ui/form-dialog";
import { useUpdateRun } from "./use-run-life";

/** Gives a run another name. */
export function RenameRunDialog({
  run,
  onClose,
}: {
  run: { id: string; name: string };
  onClose: () => void;
}) {
  const [name, setName] = useState(run.name);
  const update = useUpdateRun("Renamed", onClose);
  const problems = nameProblems(update.error);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Rename the run"
      submitLabel="Rename"
      pending={update.isPending}
      disabled={name.trim() === ""}
      problem={problems.form}
      onSubmit={() => update.mutate({ runId: run.id, changes: { name: name.trim() } })}
    >
      <NameField value={name} onChange={setName} error={problems.name} />
    </FormDialog>
  );
}
