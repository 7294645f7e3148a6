import { and, asc, eq, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Transaction } from "@/db/client";
import { runInputs, runModels } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Entry, RunDetailDto } from "./schemas";

/** What runs read and made: datasets, and models in both directions. */
export type RunLinks = Pick<RunDetailDto, "inputs" | "modelInputs" | "modelOutputs">;

const NOTHING: RunLinks = { inputs: [], modelInputs: [], modelOutputs: [] };

/**
 * Datasets and models of many runs in two statements. Schemas and profiles of more than `textMax`
 * characters are left out: thousands of runs may each have one of megabytes.
 */
export async function loadRunLinks(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  runIds: string[],
  textMax: number,
): Promise<(runId: string) => RunLinks> {
  if (runIds.length === 0) return () => NOTHING;
  // One array: a parameter for each run would take longer to build than the answer to find.
  const among = (column: PgColumn) => sql`${column} = any(${sql.param(runIds)}::uuid[])`;
  const short = (column: PgColumn) =>
    sql<string | null>`case when length(${column}) <= ${textMax} then ${column} end`;
  const inputs = await tx
    .select({
      runId: runInputs.runId,
      name: runInputs.name,
      digest: runInputs.digest,
      sourceType: runInputs.sourceType,
      source: runInputs.source,
      schema: short(runInputs.schema),
      profile: short(runInputs.profile),
      context: runInputs.context,
      tags: runInputs.tags,
    })
    .from(runInputs)
    .where(and(eq(runInputs.workspaceId, ctx.workspaceId), among(runInputs.runId)))
    .orderBy(asc(runInputs.name), asc(runInputs.digest));
  const models = await tx
    .select()
    .from(runModels)
    .where(and(eq(runModels.workspaceId, ctx.workspaceId), among(runModels.runId)))
    .orderBy(asc(runModels.step), asc(runModels.modelId));
  const inputsOf = Map.groupBy(inputs, ({ runId }) => runId);
  const modelsOf = Map.groupBy(models, ({ runId, direction }) => `${direction} ${runId}`);
  const linked = (direction: string, runId: string) =>
    modelsOf.get(`${direction} ${runId}`)?.map(({ modelId, step }) => ({ modelId, step })) ?? [];
  return (runId) => ({
    inputs: (inputsOf.get(runId) ?? []).map(({ runId: _, tags, ...rest }) => ({
      ...rest,
      tags: tags as Entry[],
    })),
    modelInputs: linked("input", runId),
    modelOutputs: linked("output", runId),
  });
}
