import { and, asc, eq, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { runArtifacts, runInputs, runModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getRunInWorkspace } from "./internal";
import { readRun } from "./run-data";
import type { Entry, RunDetailDto } from "./schemas";

/** One run with everything but its metric history and the content of its files. Throws not_found. */
export async function getRun(ctx: Context, input: { runId: string }): Promise<RunDetailDto> {
  requirePermission(ctx, "experiments:read");
  return withWorkspace(ctx, async (tx) => {
    const { id } = await getRunInWorkspace(tx, ctx, input.runId);
    const run = await readRun(tx, ctx, id);
    const inputs = await tx
      .select()
      .from(runInputs)
      .where(and(eq(runInputs.workspaceId, ctx.workspaceId), eq(runInputs.runId, id)))
      .orderBy(asc(runInputs.name), asc(runInputs.digest));
    const models = await tx
      .select()
      .from(runModels)
      .where(and(eq(runModels.workspaceId, ctx.workspaceId), eq(runModels.runId, id)))
      .orderBy(asc(runModels.step), asc(runModels.modelId));
    const modelsOf = (direction: string) =>
      models
        .filter((model) => model.direction === direction)
        .map(({ modelId, step }) => ({ modelId, step }));
    return {
      ...run,
      inputs: inputs.map(({ workspaceId: _w, runId: _r, tags, ...rest }) => ({
        ...rest,
        tags: tags as Entry[],
      })),
      modelInputs: modelsOf("input"),
      modelOutputs: modelsOf("output"),
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
