import { and, asc, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, runInputs, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";

const searchInput = z.object({ experimentNumbers: z.array(z.int()).min(1).max(20) });

/** How many summaries one answer holds. */
const SUMMARIES_MAX = 1000;

export interface DatasetSummary {
  experimentNumber: number;
  name: string;
  digest: string;
  /** What a run used it for; empty when the client did not say. */
  context: string;
}

/** The distinct datasets that runs of some experiments read. A key of one run sees its run's. */
export async function searchDatasetInputs(
  ctx: Context,
  input: z.input<typeof searchInput>,
): Promise<DatasetSummary[]> {
  requirePermission(ctx, "experiments:read");
  const { experimentNumbers } = searchInput.parse(input);
  const keyRun = ctx.actor.type === "apiKey" ? ctx.actor.runId : null;
  return withWorkspace(ctx, (tx) =>
    tx
      .selectDistinct({
        experimentNumber: experiments.number,
        name: runInputs.name,
        digest: runInputs.digest,
        context: runInputs.context,
      })
      .from(experiments)
      .innerJoin(
        runs,
        and(eq(runs.workspaceId, experiments.workspaceId), eq(runs.experimentId, experiments.id)),
      )
      .innerJoin(
        runInputs,
        and(eq(runInputs.workspaceId, runs.workspaceId), eq(runInputs.runId, runs.id)),
      )
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          inArray(experiments.number, experimentNumbers),
          keyRun ? eq(runs.id, keyRun) : undefined,
        ),
      )
      .orderBy(
        asc(experiments.number),
        asc(runInputs.name),
        asc(runInputs.digest),
        asc(runInputs.context),
      )
      .limit(SUMMARIES_MAX),
  );
}
