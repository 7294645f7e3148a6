"use client";
import { useQueryClient } from "@tanstack/react-query";
import { FileSpreadsheet, Upload as UploadIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import { useId, useRef, useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { Dialog } from "@/components/ui/dialog";
import { type Failure, toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { formatBytes, formatCount, formatPercent } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import { nameFromFile, type Upload, uploadFile } from "./upload-file";

const FORM = "upload-dataset";

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
        <FilePicker file={file} onFile={choose} />
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
        {upload.progress !== null && <UploadProgress share={upload.progress} />}
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
  const running = useRef<Upload>(undefined);
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
        const cancelled = error instanceof DOMException && error.name === "AbortError";
        if (!cancelled) setFailure(toFailure(error));
      })
      .finally(() => setProgress(null));
  };
  return { start, cancel: () => running.current?.cancel(), progress, failure };
}

function FilePicker({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <div>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,.parquet,.pq"
        className="peer sr-only"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          if (chosen) onFile(chosen);
        }}
      />
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const chosen = event.dataTransfer.files[0];
          if (chosen) onFile(chosen);
        }}
        className={cn(
          "flex min-h-28 cursor-pointer flex-col items-center justify-center gap-1.5 rounded-lg border border-line-strong border-dashed p-4 text-center text-13 hover:bg-hover peer-focus-visible:outline-2 peer-focus-visible:outline-accent-text",
          over && "border-accent bg-accent-soft",
        )}
      >
        {file ? (
          <>
            <FileSpreadsheet aria-hidden className="size-5 text-accent-text" />
            <span className="break-all font-medium">{file.name}</span>
            <span className="text-fg-subtle text-xs">{formatBytes(file.size)}, choose another</span>
          </>
        ) : (
          <>
            <UploadIcon aria-hidden className="size-5 text-fg-subtle" />
            <span>
              Drop a file here or <span className="text-accent-text underline">choose one</span>
            </span>
            <span className="text-fg-subtle text-xs">.csv, .tsv, .parquet</span>
          </>
        )}
      </label>
    </div>
  );
}

const UploadProgress = ({ share }: { share: number }) => (
  <div aria-live="polite" className="space-y-1.5 text-fg-muted text-xs">
    <Progress value={share < 1 ? share : null} label="Upload" />
    {share < 1 ? `Sending, ${formatPercent(share, 0)}` : "Sent. Reading types and distributions…"}
  </div>
);

const Refusal = ({ failure }: { failure: Failure }) => (
  <div role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
    <p className="font-semibold">{failure.title}</p>
    <p>{failure.detail}</p>
  </div>
);
