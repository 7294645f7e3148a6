import { newId } from "@/server/kernel/ids";
import { listPredictions } from "@/server/predictions";
import type { PredictionLogDto } from "@/server/predictions/explorer/schemas";
import { LogBatch } from "@/server/predictions/logs/log-batch";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import { writeLogs } from "@/server/predictions/logs/write-logs";
import type { TestDatabase } from "../../support/database";
import type { TestWorkspace } from "../../support/workspace";

export const DAY_MS = 86_400_000;

type Facts = Partial<LogEntry> & Pick<LogEntry, "atMs" | "deploymentId">;

/** A request that was answered some time ago, with an id of that time. */
export const oldEntry = (workspaceId: string, facts: Facts): LogEntry => ({
  ...{ workspaceId, requestId: newId(facts.atMs), variantId: null, versionId: null },
  ...{ status: 200, rows: 1, inputs: [{ a: 1 }], outputs: { predictions: [1] }, error: null },
  ...{ latencyMs: 1, queueMs: null, computeMs: null, bytes: 300 },
  ...facts,
});

/** Writes requests as the gateway does. */
export async function writeOldLog(
  db: TestDatabase,
  workspace: TestWorkspace,
  entries: readonly LogEntry[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += 500) {
    const batch = new LogBatch(workspace.id);
    for (const entry of entries.slice(at, at + 500)) batch.add(entry);
    await writeLogs(db, batch);
  }
}

/** Every page of a query, one after the other. */
export async function everyPage(
  workspace: TestWorkspace,
  query: Parameters<typeof listPredictions>[1],
): Promise<PredictionLogDto[]> {
  const items: PredictionLogDto[] = [];
  let cursor: string | undefined;
  do {
    const page = await listPredictions(workspace.as("viewer"), { ...query, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return items;
}
