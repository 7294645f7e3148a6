import type { Context } from "@/server/kernel/context";
import { toEventStream } from "../event-stream";
import { followExperimentLogs } from "./follow-experiment-logs";
import { readExperimentLogs } from "./read-experiment-logs";

/**
 * The log as server-sent events: `id` is a cursor, so a client that comes back with Last-Event-ID
 * misses and repeats nothing. An `end` event follows when every job is over.
 */
export async function serveExperimentLogEvents(
  ctx: Context,
  input: { experiment: string; cursor: string | undefined; signal: AbortSignal },
): Promise<Response> {
  // What is wrong with the address is said before the first byte.
  await readExperimentLogs(ctx, { ...input, limit: 1 });
  return toEventStream(pieces(ctx, input), input.signal);
}

async function* pieces(
  ctx: Context,
  { experiment, cursor, signal }: Parameters<typeof serveExperimentLogEvents>[1],
) {
  let last = cursor ?? "";
  for await (const found of followExperimentLogs(ctx, { experiment, cursor }, signal)) {
    if (found) last = found.cursor;
    yield found && { id: last, event: "log", data: { items: found.items } };
  }
  yield { id: last, event: "end", data: {} };
}
