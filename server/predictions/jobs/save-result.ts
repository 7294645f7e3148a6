import type { z } from "zod";
import { requirePermission } from "@/server/access";
import { openObject } from "@/server/artifacts";
import { createDataset, type DatasetDto, stageFile } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { resultOf } from "./download-result";
import { saveResultInput } from "./schemas";

/**
 * Makes the result of a job the next version of a dataset, as if it had been uploaded. Throws
 * not_found, conflict while there is no result.
 */
export async function saveBatchResult(
  ctx: Context,
  input: z.input<typeof saveResultInput>,
): Promise<DatasetDto> {
  requirePermission(ctx, "predictions:read");
  requirePermission(ctx, "datasets:write");
  const { batchJob: job, name, description } = saveResultInput.parse(input);
  const { object } = await resultOf(ctx, job);
  const file = await stageFile(await openObject(ctx, object), "result.parquet", object.sizeBytes);
  try {
    return (await createDataset(ctx, { name, description }, file)).dataset;
  } finally {
    await file.discard();
  }
}
