"use client";
import { FileCheck, Upload as UploadIcon } from "lucide-react";
import { useId, useState } from "react";
import { cn } from "./class-names";
import { formatBytes, formatPercent } from "./format";
import { Progress } from "./progress";

/** Chooses a file by dialog, by keyboard or by dropping it. */
export function FilePicker({
  file,
  onFile,
  accept,
  error,
}: {
  file: File | null;
  onFile: (file: File) => void;
  /** Endings with their dots. */
  accept: string[];
  error?: string | null | undefined;
}) {
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <div>
      <input
        id={id}
        type="file"
        accept={accept.join(",")}
        aria-describedby={error ? `${id}-error` : undefined}
        aria-invalid={error ? true : undefined}
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
            <FileCheck aria-hidden className="size-5 text-accent-text" />
            <span className="break-all font-medium">{file.name}</span>
            <span className="text-fg-subtle text-xs">{formatBytes(file.size)}, choose another</span>
          </>
        ) : (
          <>
            <UploadIcon aria-hidden className="size-5 text-fg-subtle" />
            <span>
              Drop a file here or <span className="text-accent-text underline">choose one</span>
            </span>
            <span className="text-fg-subtle text-xs">{accept.join(", ")}</span>
          </>
        )}
      </label>
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-danger text-xs">
          {error}
        </p>
      )}
    </div>
  );
}

/** How much of a file is sent; then what the server does with it. */
export const UploadProgress = ({ share, after }: { share: number; after: string }) => (
  <div aria-live="polite" className="space-y-1.5 text-fg-muted text-xs">
    <Progress value={share < 1 ? share : null} label="Upload" />
    {share < 1 ? `Sending, ${formatPercent(share, 0)}` : after}
  </div>
);
