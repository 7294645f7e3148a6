import { withWorkspace } from "@/db/client";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";

/** How long changes of one run are gathered before open pages hear of them, milliseconds. */
const GATHER_MS = 300;

const pending = new Map<string, { ctx: Context; runIds: Set<string> }>();

/**
 * Tells open pages that a run logged something, after the commit and once for many batches: a
 * notification in each batch's own transaction would make all commits wait for one lock.
 */
export function announceRun(ctx: Context, runId: string): void {
  const waiting = pending.get(ctx.workspaceId);
  if (waiting) {
    waiting.runIds.add(runId);
    return;
  }
  pending.set(ctx.workspaceId, { ctx, runIds: new Set([runId]) });
  // The process may end before: a page then asks again by itself when it reconnects.
  setTimeout(() => void flush(ctx.workspaceId), GATHER_MS).unref();
}

async function flush(workspaceId: string): Promise<void> {
  const waiting = pending.get(workspaceId);
  pending.delete(workspaceId);
  if (!waiting) return;
  try {
    await withWorkspace(waiting.ctx, async (tx) => {
      await announceChange(tx, waiting.ctx, "experiments", ...waiting.runIds);
    });
  } catch {
    // The change itself is committed; only the hint to reload is lost.
  }
}
