import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/kernel/context";
import { readExperimentLogs } from "./read-experiment-logs";
import type { LogPieceDto } from "./schemas";

/** Between two looks for new output, milliseconds. */
const LOOK_MS = 1_000;

interface Followed {
  items: LogPieceDto[];
  /** Resume from here. */
  cursor: string;
}

/**
 * Yields what the jobs of an experiment write, and returns when all of them are over. A null means
 * nothing is new. Throws as readExperimentLogs does.
 */
export async function* followExperimentLogs(
  ctx: Context,
  input: { experiment: string; cursor: string | undefined },
  signal: AbortSignal | undefined,
): AsyncGenerator<Followed | null> {
  let { cursor } = input;
  while (!signal?.aborted) {
    const page = await readExperimentLogs(ctx, { experiment: input.experiment, cursor });
    cursor = page.nextCursor ?? cursor;
    if (page.items.length > 0 && cursor) yield { items: page.items, cursor };
    if (page.finished) return;
    if (page.items.length === 0) {
      yield null;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
