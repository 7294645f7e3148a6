import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { getModelInWorkspace } from "../internal";
import { MLFLOW_STAGES } from "../stages/constants";
import { newestByMlflowStage } from "./load-models";
import { loadNewestOfStages } from "./load-versions";
import { latestVersionsInput, type RegisteredVersionDto } from "./schemas";

/**
 * The newest version of each stage that is asked for, in MLflow's words; of all of them when none
 * is. Throws not_found, validation_failed for another word.
 */
export async function latestVersions(
  ctx: Context,
  input: z.input<typeof latestVersionsInput>,
): Promise<RegisteredVersionDto[]> {
  requirePermission(ctx, "models:read");
  const { model: ref, stages } = latestVersionsInput.parse(input);
  const wanted = new Set<string>(stages.length > 0 ? stages.map(stageOf) : MLFLOW_STAGES);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref);
    const newest = newestByMlflowStage(await loadNewestOfStages(tx, ctx, [model.id]));
    return newest.filter(({ mlflowStage }) => wanted.has(mlflowStage));
  });
}

function stageOf(word: string): string {
  const stage = MLFLOW_STAGES.find((one) => one.toLowerCase() === word.toLowerCase());
  if (stage) return stage;
  throw invalid(
    `Invalid Model Version stage: ${word}. Value must be one of ${MLFLOW_STAGES.join(", ")}.`,
  );
}
