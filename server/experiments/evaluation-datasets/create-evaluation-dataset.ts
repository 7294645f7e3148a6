import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasetExperiments, evaluationDatasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { refuseRunKey } from "../internal";
import { storedText } from "../schemas";
import { digestOf, experimentIds, toDatasetDto } from "./internal";
import { datasetTags, type EvaluationDatasetDto, experimentNumbers, USER_TAG } from "./schemas";

const createInput = z.object({
  name: storedText(255).min(1),
  tags: datasetTags.default({}),
  experimentNumbers: experimentNumbers.default([]),
});

/** Makes an empty dataset; names may repeat. Throws not_found for an experiment. */
export async function createEvaluationDataset(
  ctx: Context,
  input: z.input<typeof createInput>,
): Promise<EvaluationDatasetDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { name, tags, experimentNumbers: numbers } = createInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const experiments = await experimentIds(tx, ctx, numbers);
    const at = ctx.now();
    const { workspaceId } = ctx;
    const by = tags[USER_TAG] ?? null;
    const row = {
      workspaceId,
      id: newId(at.getTime()),
      name,
      digest: digestOf(name, at),
      tags,
      schema: null,
      recordCount: 0,
      createdBy: by,
      updatedBy: by,
      createdAt: at,
      updatedAt: at,
    };
    await tx.insert(evaluationDatasets).values(row);
    if (experiments.length > 0) {
      await tx
        .insert(evaluationDatasetExperiments)
        .values(
          experiments.map((experimentId) => ({ workspaceId, datasetId: row.id, experimentId })),
        );
    }
    await recordAudit(tx, ctx, {
      action: "evaluation_dataset.created",
      subjectType: "evaluation_dataset",
      subjectId: row.id,
      after: { name },
    });
    return toDatasetDto(row);
  });
}
