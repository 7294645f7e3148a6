import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getDatasetInWorkspace, toDatasetDto } from "./internal";
import { datasetRef, type EvaluationDatasetDto } from "./schemas";

const getInput = z.object({ dataset: datasetRef });

/** One dataset without its records. Throws not_found. */
export async function getEvaluationDataset(
  ctx: Context,
  input: z.input<typeof getInput>,
): Promise<EvaluationDatasetDto> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { dataset } = getInput.parse(input);
  return withWorkspace(ctx, async (tx) =>
    toDatasetDto(await getDatasetInWorkspace(tx, ctx, dataset)),
  );
}
