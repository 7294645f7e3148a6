import type { LogEntry } from "./log-entry";

/** More in one statement saves little and holds up the requests beside it while its text is made. */
const BATCH_ROWS = 128;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Cuts entries into statements: one workspace each, bounded in rows and bytes. */
export function batchesOf(entries: readonly LogEntry[]): LogEntry[][] {
  const open = new Map<string, { batch: LogEntry[]; bytes: number }>();
  const batches: LogEntry[][] = [];
  for (const entry of entries) {
    let current = open.get(entry.workspaceId);
    if (
      !current ||
      current.batch.length >= BATCH_ROWS ||
      current.bytes + entry.bytes > BATCH_BYTES
    ) {
      current = { batch: [], bytes: 0 };
      open.set(entry.workspaceId, current);
      batches.push(current.batch);
    }
    current.batch.push(entry);
    current.bytes += entry.bytes;
  }
  return batches;
}
