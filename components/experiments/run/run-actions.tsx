"use client";
import {
  Archive,
  ArchiveRestore,
  CircleCheck,
  CircleX,
  Ellipsis,
  OctagonX,
  Pencil,
  Play,
  Trash2,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { Button, IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import type { Run } from "../run-page";
import { useBulkRuns } from "../runs/use-bulk-runs";
import { RenameRunDialog } from "./rename-run-dialog";
import { useRunStatus } from "./use-run-life";

/** Rename, end, resume and archive a run; an archived one is restored or deleted for good. */
export function RunActions({ run, isLive }: { run: Run; isLive: boolean }) {
  return (
    <Allowed permission="experiments:write">
      {run.deletedAt ? <ArchivedRun run={run} /> : <ActiveRun run={run} isLive={isLive} />}
    </Allowed>
  );
}

function ActiveRun({ run, isLive }: { run: Run; isLive: boolean }) {
  const [renaming, setRenaming] = useState(false);
  const setStatus = useRunStatus(run.id);
  const bulk = useBulkRuns(() => undefined);
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More about this run" variant="secondary">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onClick={() => setRenaming(true)}>
          <Pencil aria-hidden />
          Rename
        </MenuItem>
        <MenuSeparator />
        {isLive ? (
          <>
            <MenuItem onClick={() => setStatus("FINISHED")}>
              <CircleCheck aria-hidden />
              Finish
            </MenuItem>
            <MenuItem onClick={() => setStatus("FAILED")}>
              <CircleX aria-hidden />
              Mark as failed
            </MenuItem>
            <MenuItem onClick={() => setStatus("KILLED")}>
              <OctagonX aria-hidden />
              Mark as killed
            </MenuItem>
          </>
        ) : (
          <MenuItem onClick={() => setStatus("RUNNING")}>
            <Play aria-hidden />
            Resume
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem onClick={() => bulk.archive([run.id])}>
          <Archive aria-hidden />
          Archive
        </MenuItem>
      </Menu>
      {renaming && <RenameRunDialog run={run} onClose={() => setRenaming(false)} />}
    </>
  );
}

function ArchivedRun({ run }: { run: Run }) {
  const router = useRouter();
  const { path } = useWorkspace();
  const restoring = useBulkRuns(() => undefined);
  const purging = useBulkRuns(() => router.push(path("experiments", run.experimentId)));
  return (
    <>
      <Button onClick={() => restoring.restore([run.id])}>
        <ArchiveRestore aria-hidden className="size-3.5" />
        Restore
      </Button>
      <ConfirmDialog
        title={`Delete ${run.name} for good?`}
        confirmLabel="Delete for good"
        onConfirm={() => purging.purge([run.id])}
        trigger={
          <Button variant="danger">
            <Trash2 aria-hidden className="size-3.5" />
            Delete
          </Button>
        }
      >
        Its parameters, metrics, tags and files are gone then. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}
