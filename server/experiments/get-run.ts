import { and, eq, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { runArtifacts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { LIMITS } from "./constants";
import { getRunInWorkspace } from "./internal";
import { readRun } from "./run-data";
import { loadRunLinks } from "./run-links";
import type { RunDetailDto } from "./schemas";

/** One run with everything but its metric history and the content of its files. Throws not_found. */
export async function getRun(ctx: Context, input: { runId: string }): Promise<RunDetailDto> {
  requirePermission(ctx, "experiments:read");
  return withWorkspace(ctx, async (tx) => {
    const { id } = await getRunInWorkspace(tx, ctx, input.runId);
    const run = await readRun(tx, ctx, id);
    const links = await loadRunLinks(tx, ctx, [id], LIMITS.datasetProfile);
    return {
      ...run,
      ...links(id),
      counts: {
        params: run.params.length,
        tags: run.tags.length,
        metrics: run.metrics.length,
        artifacts: await countArtifacts(tx, ctx, id),
      },
    };
  });
}

async function countArtifacts(tx: Transaction, ctx: Context, runId: string): Promise<number> {
  const [row] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(runArtifacts)
    .where(and(eq(runArtifacts.workspaceId, ctx.workspaceId), eq(runArtifacts.runId, runId)));
  return row?.count ?? 0;
}
