import { listDeployments } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import type { PredictionGateway } from "@/server/predictions";

/** What one answer lists at most; a workspace has no more deployments than it is allowed. */
const ENTRIES_MAX = 10_000;
const PAGE = 200;

export interface IndexEntry {
  name: string;
  version: string;
  state: "READY" | "UNAVAILABLE" | "LOADING";
  reason: string;
}

/** The deployments of a workspace as the model repository extension lists models. */
export async function repositoryIndex(
  gateway: PredictionGateway,
  ctx: Context,
  readyOnly: boolean,
): Promise<IndexEntry[]> {
  const entries: IndexEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await listDeployments(ctx, { sort: "name", order: "asc", limit: PAGE, cursor });
    for (const { name, status, error, pendingVersion } of page.items) {
      const route = gateway.find(ctx.workspaceId, { deployment: name });
      for (const { versionNumber } of route?.variants ?? []) {
        entries.push({ name, version: String(versionNumber), state: "READY", reason: "" });
      }
      if (route || readyOnly) continue;
      const state = status === "failed" ? "UNAVAILABLE" : "LOADING";
      const version = pendingVersion ? String(pendingVersion.versionNumber) : "";
      entries.push({ name, version, state, reason: error ?? "" });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor && entries.length < ENTRIES_MAX);
  return entries;
}
