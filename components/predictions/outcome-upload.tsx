"use client";
import { Flag } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FilePicker } from "@/components/ui/file-picker";
import { formatCount, formatPercent } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import { type UploadState, useOutcomeUpload } from "./use-outcome-upload";

/** Tells what came of many predictions by a file. */
export function OutcomeUpload() {
  const [isOpen, setOpen] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const { state, start, reset } = useOutcomeUpload();
  const isSending = state !== null && !state.isDone;
  const change = (open: boolean) => {
    setOpen(open);
    reset();
    setFile(null);
  };
  return (
    <>
      <Button onClick={() => change(true)}>
        <Flag aria-hidden className="size-3.5" />
        Outcomes
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={change}
        title="Upload outcomes"
        description="What really came of predictions, told at any time; telling it again corrects it."
        width="sm"
        footer={
          <>
            <Button onClick={() => change(false)}>{state?.isDone ? "Close" : "Cancel"}</Button>
            {!state?.isDone && (
              <Button
                variant="primary"
                disabled={!file}
                loading={isSending}
                onClick={() => file && void start(file)}
              >
                Upload
              </Button>
            )}
          </>
        }
      >
        <div className="space-y-4">
          {!state && (
            <>
              <p className="text-13 text-fg-muted">
                A line for each request: its id, what came of it, and, if you like, when. Requests
                of several rows take a JSON list.
              </p>
              <pre className="overflow-x-auto rounded-lg border bg-bg p-3 font-mono text-2xs leading-relaxed">
                {"request_id,outcome,at\n0197…-7…,yes,2026-03-01T09:30:00Z\n0197…-7…,12.5"}
              </pre>
              <FilePicker file={file} onFile={setFile} accept={[".csv"]} />
            </>
          )}
          {state && <UploadReport state={state} />}
        </div>
      </Dialog>
    </>
  );
}

function UploadReport({ state }: { state: UploadState }) {
  const { share, recorded, failed, problems, isDone } = state;
  return (
    <div className="space-y-3 text-13">
      {!isDone && <Progress value={share} label="Upload" />}
      <p role="status">
        {isDone ? "Done: " : share === null ? "Reading: " : `${formatPercent(share, 0)}: `}
        {formatCount(recorded)} recorded
        {failed > 0 && (
          <span className="text-danger">
            , {formatCount(failed)} {failed === 1 ? "line" : "lines"} not
          </span>
        )}
      </p>
      {problems.length > 0 && (
        <ul
          aria-label="Lines that were not recorded"
          className="max-h-56 divide-y overflow-y-auto rounded-lg border"
        >
          {problems.map(({ line, message }) => (
            <li key={line} className="flex gap-3 px-3 py-1.5">
              <span className="w-16 shrink-0 text-fg-subtle tabular-nums">Line {line}</span>
              <span className="min-w-0 break-words">{message}</span>
            </li>
          ))}
        </ul>
      )}
      {failed > problems.length && problems.length > 0 && (
        <p className="text-fg-subtle text-xs">The first {problems.length} are shown.</p>
      )}
    </div>
  );
}
