import { withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { getBatchJobInWorkspace } from "../internal";
import { type BatchRun, isAt } from "./begin-run";

const LOOK_MS = 1_000;

/** Looks every second whether somebody ended the job; its signal is aborted then. */
export function watchJob(ctx: Context, run: BatchRun): { signal: AbortSignal; stop: () => void } {
  const gone = new AbortController();
  const look = async () => {
    try {
      const row = await withWorkspace(ctx, (tx) => getBatchJobInWorkspace(tx, ctx, run.jobId));
      if (!isAt(row, run)) gone.abort();
    } catch {
      // A job that was deleted is found by the next commit; a database that is away comes back.
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return { signal: gone.signal, stop: () => clearInterval(timer) };
}
