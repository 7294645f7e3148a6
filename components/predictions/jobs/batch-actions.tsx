"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Copy, Database, Download, Ellipsis, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button, IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { Menu, MenuItem } from "@/components/ui/menu";
import { isOver } from "@/server/predictions/jobs/constants";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";
import { SaveDatasetDialog } from "./save-dataset-dialog";

/** What can be done with a job as it stands. */
export function BatchActions({ job }: { job: BatchJobDto }) {
  const hasResult = job.resultBytes !== null;
  const canResume = job.status === "failed" || job.status === "cancelled";
  return (
    <>
      {hasResult && <DownloadMenu job={job} />}
      <Allowed permission="predictions:create">
        {canResume && <ResumeButton job={job} />}
        {!isOver(job.status) && <CancelButton job={job} />}
        <MoreMenu job={job} hasResult={hasResult} />
      </Allowed>
    </>
  );
}

function DownloadMenu({ job }: { job: BatchJobDto }) {
  const { slug } = useWorkspace();
  const save = (format: "parquet" | "csv") => {
    const query = new URLSearchParams({ workspace: slug, format });
    window.location.assign(`/api/v1/batch-jobs/${job.id}/result?${query}`);
  };
  return (
    <Menu
      trigger={
        <Button variant="primary">
          <Download aria-hidden className="size-3.5" />
          Download
        </Button>
      }
    >
      <MenuItem onClick={() => save("parquet")}>Parquet</MenuItem>
      <MenuItem onClick={() => save("csv")}>CSV</MenuItem>
    </Menu>
  );
}

/** Asks the server again whatever became of a change. */
function useRefresh() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: trpc.predictions.batchJobs.pathKey() });
}

function ResumeButton({ job }: { job: BatchJobDto }) {
  const trpc = useTRPC();
  const refresh = useRefresh();
  const resume = useMutation(
    trpc.predictions.batchJobs.resume.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success("The batch job goes on where it stood"),
      onSettled: refresh,
    }),
  );
  return (
    <Button
      variant="primary"
      loading={resume.isPending}
      onClick={() => resume.mutate({ batchJob: job.id })}
    >
      Resume
    </Button>
  );
}

function CancelButton({ job }: { job: BatchJobDto }) {
  const trpc = useTRPC();
  const refresh = useRefresh();
  const cancel = useMutation(
    trpc.predictions.batchJobs.cancel.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success("The batch job is cancelled"),
      onSettled: refresh,
    }),
  );
  return (
    <ConfirmDialog
      trigger={<Button loading={cancel.isPending}>Cancel job</Button>}
      title="Cancel this batch job?"
      confirmLabel="Cancel job"
      onConfirm={() => cancel.mutate({ batchJob: job.id })}
    >
      Rows that have an answer keep it: the job can be resumed where it stood.
    </ConfirmDialog>
  );
}

function MoreMenu({ job, hasResult }: { job: BatchJobDto; hasResult: boolean }) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path, can } = useWorkspace();
  const [open, setOpen] = useState<"delete" | "save" | null>(null);
  const remove = useMutation(
    trpc.predictions.batchJobs.delete.mutationOptions({
      onError: toastFailure,
      onSuccess: () => {
        toast.success("The batch job was deleted");
        router.push(path("predictions", "batch-jobs"));
      },
    }),
  );
  const again = () =>
    router.push(`${path("predictions", "batch-jobs")}?create=true&like=${job.id}`);
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More actions" variant="secondary">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onClick={again}>
          <Copy aria-hidden />
          Duplicate
        </MenuItem>
        {hasResult && can("datasets:write") && (
          <MenuItem onClick={() => setOpen("save")}>
            <Database aria-hidden />
            Save as dataset
          </MenuItem>
        )}
        {isOver(job.status) && (
          <MenuItem danger onClick={() => setOpen("delete")}>
            <Trash2 aria-hidden />
            Delete
          </MenuItem>
        )}
      </Menu>
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => setOpen(next ? "delete" : null)}
        title="Delete this batch job?"
        confirmLabel="Delete"
        onConfirm={() => remove.mutate({ batchJob: job.id })}
      >
        Its result and its errors go with it. A dataset that was made of it stays.
      </ConfirmDialog>
      {open === "save" && <SaveDatasetDialog job={job} onClose={() => setOpen(null)} />}
    </>
  );
}
