"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTRPC, useTRPCClient } from "@/components/trpc/client";
import { toFailure } from "@/components/ui/failure";
import {
  fieldsOf,
  isHeader,
  type LineProblem,
  outcomeOf,
  type TypedOutcome,
} from "./outcome-lines";

/** Outcomes of one call. */
const BATCH = 2_000;
/** Problems that are shown by line; more are counted. */
const SHOWN = 50;

export interface UploadState {
  /** 0 to 1; null before the first line. */
  share: number | null;
  recorded: number;
  failed: number;
  problems: LineProblem[];
  isDone: boolean;
}

const BEGIN: UploadState = { share: null, recorded: 0, failed: 0, problems: [], isDone: false };

/** Sends a CSV file of outcomes, some thousand lines at a time; a bad line does not stop the others. */
export function useOutcomeUpload() {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [state, setState] = useState<UploadState | null>(null);
  const stopped = useRef(false);

  const send = async (batch: { line: number; outcome: TypedOutcome }[], now: UploadState) => {
    if (batch.length === 0) return now;
    try {
      const outcomes = batch.map(({ outcome }) => outcome);
      const { recorded } = await client.predictions.recordOutcomes.mutate({ outcomes });
      return { ...now, recorded: now.recorded + recorded };
    } catch (error) {
      const first = batch[0]?.line ?? 0;
      const message = `${toFailure(error).detail} (lines ${first} to ${batch.at(-1)?.line})`;
      return withProblem(now, { line: first, message }, batch.length);
    }
  };

  const start = async (file: File) => {
    stopped.current = false;
    let now = BEGIN;
    setState(now);
    let read = 0;
    let batch: { line: number; outcome: TypedOutcome }[] = [];
    for await (const { line, text, bytes } of linesOf(file)) {
      if (stopped.current) return;
      read += bytes;
      const fields = text.trim() === "" ? undefined : fieldsOf(text);
      if (text.trim() !== "" && !(line === 1 && isHeader(fields))) {
        const outcome = outcomeOf(fields);
        if (typeof outcome === "string") now = withProblem(now, { line, message: outcome }, 1);
        else batch.push({ line, outcome });
      }
      if (batch.length === BATCH) {
        now = await send(batch, now);
        batch = [];
        setState({ ...now, share: Math.min(1, read / Math.max(1, file.size)) });
      }
    }
    now = await send(batch, now);
    setState({ ...now, share: 1, isDone: true });
    void queryClient.invalidateQueries({ queryKey: trpc.predictions.pathKey() });
  };

  const reset = () => {
    stopped.current = true;
    setState(null);
  };
  return { state, start, reset };
}

const withProblem = (now: UploadState, problem: LineProblem, count: number): UploadState => ({
  ...now,
  failed: now.failed + count,
  problems: now.problems.length < SHOWN ? [...now.problems, problem] : now.problems,
});

/** Lines of a file as they are read; a whole file never lies in memory. */
async function* linesOf(file: File): AsyncGenerator<{ line: number; text: string; bytes: number }> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let line = 0;
  for (;;) {
    const { done, value } = await reader.read();
    const parts = (rest + (value ?? "")).split(/\r?\n/);
    rest = done ? "" : (parts.pop() ?? "");
    for (const text of parts) {
      line += 1;
      yield { line, text, bytes: text.length + 1 };
    }
    if (done) return;
  }
}
