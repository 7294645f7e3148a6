"use client";
import {
  Archive,
  ArchiveRestore,
  Crosshair,
  FolderInput,
  GitCompare,
  Tag,
  Trash2,
  X,
} from "lucide-react";
import { useState } from "react";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { Button, IconButton, LinkButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { formatCount, formatPlural } from "@/components/ui/format";
import { MoveDialog } from "./move-dialog";
import { TagDialog } from "./tag-dialog";
import { useBulkRuns } from "./use-bulk-runs";

/** Runs drawn and compared together at most. */
const COMPARED_MAX = 200;

/** What can be done with the chosen runs. */
export function BulkBar({
  chosen,
  archived,
  base,
  onBase,
  onClear,
}: {
  chosen: ReadonlySet<string>;
  /** Whether the table shows archived runs, which can be restored or deleted for good. */
  archived: boolean;
  /** The run the others are compared with now. */
  base: string | null;
  onBase: (base: string) => void;
  onClear: () => void;
}) {
  const { path } = useWorkspace();
  const [dialog, setDialog] = useState<"tag" | "move" | null>(null);
  const runIds = [...chosen];
  const [only] = chosen.size === 1 ? runIds : [];
  const bulk = useBulkRuns(onClear);
  if (chosen.size === 0) return null;
  const close = (open: boolean) => !open && setDialog(null);
  return (
    <section
      aria-label="Chosen runs"
      className="sticky bottom-4 z-30 mx-auto mt-3 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border bg-raised p-2 pl-4 shadow-pop"
    >
      <output className="mr-2 font-medium text-13">{formatCount(chosen.size)} chosen</output>
      {only !== undefined && only !== base && (
        <Button onClick={() => onBase(only)}>
          <Crosshair aria-hidden className="size-3.5" />
          Use as baseline
        </Button>
      )}
      {chosen.size > COMPARED_MAX && (
        <span className="text-fg-muted text-xs">At most {COMPARED_MAX} are compared.</span>
      )}
      {chosen.size >= 2 && chosen.size <= COMPARED_MAX && (
        <LinkButton
          variant="primary"
          href={`${path("experiments", "compare")}?runs=${runIds.join(",")}`}
        >
          <GitCompare aria-hidden className="size-3.5" />
          Compare
        </LinkButton>
      )}
      <Allowed permission="experiments:write">
        {archived ? (
          <>
            <Button onClick={() => bulk.restore(runIds)}>
              <ArchiveRestore aria-hidden className="size-3.5" />
              Restore
            </Button>
            <ConfirmDialog
              title={`Delete ${formatPlural(chosen.size, "run")} for good?`}
              confirmLabel="Delete for good"
              onConfirm={() => bulk.purge(runIds)}
              trigger={
                <Button variant="danger">
                  <Trash2 aria-hidden className="size-3.5" />
                  Delete
                </Button>
              }
            >
              Parameters, metrics, tags and files of these runs are gone then. This cannot be
              undone.
            </ConfirmDialog>
          </>
        ) : (
          <>
            <Button onClick={() => setDialog("tag")}>
              <Tag aria-hidden className="size-3.5" />
              Tag
            </Button>
            <Button onClick={() => setDialog("move")}>
              <FolderInput aria-hidden className="size-3.5" />
              Move
            </Button>
            <Button onClick={() => bulk.archive(runIds)}>
              <Archive aria-hidden className="size-3.5" />
              Archive
            </Button>
          </>
        )}
      </Allowed>
      <IconButton label="Choose none" onClick={onClear}>
        <X aria-hidden className="size-4" />
      </IconButton>
      <TagDialog runIds={runIds} open={dialog === "tag"} onOpenChange={close} />
      <MoveDialog runIds={runIds} open={dialog === "move"} onOpenChange={close} onMoved={onClear} />
    </section>
  );
}
