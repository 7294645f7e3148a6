import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/kernel/context";
import { readLogs } from "./read-logs";

/** Between two looks for new output, milliseconds. */
const LOOK_MS = 500;

export interface LogPiece {
  text: string;
  /** Where the piece ends, bytes: resume from here. */
  nextOffset: number;
}

/**
 * Yields a job's log from a byte offset on as it is written, and returns when the job is over and
 * everything was yielded. A null means nothing is new.
 */
export async function* followLogs(
  ctx: Context,
  input: { job: string; offset: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<LogPiece | null> {
  let { offset } = input;
  while (!signal?.aborted) {
    const { text, nextOffset, finished } = await readLogs(ctx, { job: input.job, offset });
    if (text !== "") yield { text, nextOffset };
    offset = nextOffset;
    if (finished) return;
    if (text === "") {
      yield null;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
