"use client";
import { ArchiveRestore, Trash2 } from "lucide-react";
import { useState } from "react";
import { Allowed } from "@/components/shell/workspace";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { useExperimentLife } from "./use-experiment-life";

const FORM = "purge-experiment";

/** Restore an archived experiment, or delete it for good. */
export function ArchivedActions({ experiment }: { experiment: { id: string; name: string } }) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const life = useExperimentLife();
  return (
    <Allowed permission="experiments:write">
      <span className="relative z-10 inline-flex gap-1">
        <IconButton
          size="icon-sm"
          label={`Restore ${experiment.name}`}
          onClick={() => life.restore(experiment.id)}
        >
          <ArchiveRestore aria-hidden className="size-3.5" />
        </IconButton>
        <IconButton
          size="icon-sm"
          label={`Delete ${experiment.name} for good`}
          onClick={() => setAsking(true)}
        >
          <Trash2 aria-hidden className="size-3.5" />
        </IconButton>
      </span>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${experiment.name} for good?`}
        description="All its runs, metrics and files go with it. This cannot be undone."
        width="sm"
        footer={
          <>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button
              type="submit"
              form={FORM}
              variant="danger"
              disabled={typed.trim() !== experiment.name.trim()}
            >
              Delete for good
            </Button>
          </>
        }
      >
        <form
          id={FORM}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== experiment.name.trim()) return;
            setAsking(false);
            life.purge(experiment.id);
          }}
        >
          <TextField
            label="Type its name to confirm"
            value={typed}
            onChange={setTyped}
            autoComplete="off"
          />
        </form>
      </Dialog>
    </Allowed>
  );
}
