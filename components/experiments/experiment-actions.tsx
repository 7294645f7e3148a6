"use client";
import { Archive, ArchiveRestore, Ellipsis, Pencil } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { Button, IconButton } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import { EditExperimentDialog } from "./edit-experiment-dialog";
import { useExperimentLife } from "./use-experiment-life";

/** Edit and archive an experiment; the default one stays. */
export function ExperimentActions({
  experiment,
}: {
  experiment: {
    id: string;
    number: number;
    name: string;
    description: string;
    deletedAt: string | null;
  };
}) {
  const router = useRouter();
  const { path } = useWorkspace();
  const [editing, setEditing] = useState(false);
  const life = useExperimentLife(() => router.push(path("experiments")));
  return (
    <Allowed permission="experiments:write">
      {experiment.deletedAt ? (
        <Button onClick={() => life.restore(experiment.id)}>
          <ArchiveRestore aria-hidden className="size-3.5" />
          Restore
        </Button>
      ) : (
        <Menu
          trigger={
            <IconButton label="More about this experiment" variant="secondary">
              <Ellipsis aria-hidden className="size-4" />
            </IconButton>
          }
        >
          <MenuItem onClick={() => setEditing(true)}>
            <Pencil aria-hidden />
            Edit
          </MenuItem>
          {experiment.number !== 0 && (
            <MenuItem onClick={() => life.archive(experiment.id)}>
              <Archive aria-hidden />
              Archive with its runs
            </MenuItem>
          )}
        </Menu>
      )}
      {editing && <EditExperimentDialog experiment={experiment} open onOpenChange={setEditing} />}
    </Allowed>
  );
}
