"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { type Failure, toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { FilePicker, UploadProgress } from "@/components/ui/file-picker";
import { formatCount } from "@/components/ui/format";
import { isCancelled, type Sending } from "@/components/ui/send-form";
import type { DatasetDto } from "@/server/datasets/schemas";
import { nameFromFile, uploadFile } from "./upload-file";

const FORM = "upload-dataset";
const FILES = [".csv", ".tsv", ".txt", ".parquet", ".pq"];

interface UploadDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A file that was dropped on the page. */
  file: File | null;
}

/** Sends a file and opens the dataset it became. */
export function UploadDialog(props: UploadDialogProps) {
  // A fresh form for each opening and each dropped file.
  return <UploadForm key={`${props.open} ${props.file?.name}`} {...props} />;
}

function UploadForm({ open, onOpenChange, file: dropped }: UploadDialogProps) {
  const [file, setFile] = useState<File | null>(dropped);
  const [name, setName] = useState(dropped ? nameFromFile(dropped.name) : "");
  const [description, setDescription] = useState("");
  const upload = useUpload();
  const choose = (next: File) => {
    setFile(next);
    if (name === "") setName(nameFromFile(next.name));
  };
  const failure = upload.failure;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) upload.cancel();
        onOpenChange(next);
      }}
      title="Upload a dataset"
      description="CSV or Parquet. A name that exists already gets a new version."
      footer={
        <>
          <Button
            onClick={() => (upload.progress === null ? onOpenChange(false) : upload.cancel())}
          >
            Cancel
          </Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            disabled={!file}
            loading={upload.progress !== null}
          >
            Upload
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (file) upload.start({ name, description }, file);
        }}
      >
        <FilePicker file={file} onFile={choose} accept={FILES} />
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          required
          error={failure?.fields.name}
        />
        <TextArea
          label="Description"
          optional
          value={description}
          onChange={setDescription}
          rows={2}
        />
        {upload.progress !== null && (
          <UploadProgress share={upload.progress} after="Sent. Reading types and distributions…" />
        )}
        {failure && !failure.fields.name && <Refusal failure={failure} />}
      </form>
    </Dialog>
  );
}

function useUpload() {
  const { slug, path } = useWorkspace();
  const router = useRouter();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const running = useRef<Sending<DatasetDto>>(undefined);
  const [progress, setProgress] = useState<number | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const start = (fields: { name: string; description: string }, file: File) => {
    setFailure(null);
    setProgress(0);
    const upload = uploadFile(slug, fields, file, setProgress);
    running.current = upload;
    upload.done
      .then((dataset) => {
        void queryClient.invalidateQueries({ queryKey: trpc.datasets.pathKey() });
        toast.success(`${dataset.name} v${dataset.version} is ready`, {
          description: `${formatCount(dataset.rows)} rows, ${dataset.columns.length} columns`,
        });
        // Leaving the page closes the dialog; closing it first would write the URL and undo the move.
        router.push(path("datasets", dataset.id));
      })
      .catch((error: unknown) => {
        if (!isCancelled(error)) setFailure(toFailure(error));
      })
      .finally(() => setProgress(null));
  };
  return { start, cancel: () => running.current?.cancel(), progress, failure };
}

const Refusal = ({ failure }: { failure: Failure }) => (
  <div role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
    <p className="font-semibold">{failure.title}</p>
    <p>{failure.detail}</p>
  </div>
);
