import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasetExperiments, experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getDatasetInWorkspace } from "./internal";
import { datasetRef } from "./schemas";

const listInput = z.object({ dataset: datasetRef });

/** Numbers of the experiments a dataset is used in, ascending. Throws not_found. */
export async function listEvaluationExperiments(
  ctx: Context,
  input: z.input<typeof listInput>,
): Promise<number[]> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { dataset } = listInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { id } = await getDatasetInWorkspace(tx, ctx, dataset);
    const rows = await tx
      .select({ number: experiments.number })
      .from(evaluationDatasetExperiments)
      .innerJoin(
        experiments,
        and(
          eq(experiments.workspaceId, evaluationDatasetExperiments.workspaceId),
          eq(experiments.id, evaluationDatasetExperiments.experimentId),
        ),
      )
      .where(
        and(
          eq(evaluationDatasetExperiments.workspaceId, ctx.workspaceId),
          eq(evaluationDatasetExperiments.datasetId, id),
        ),
      )
      .orderBy(asc(experiments.number));
    return rows.map(({ number }) => number);
  });
}
