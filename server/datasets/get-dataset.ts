import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getDatasetInWorkspace, toDatasetDto } from "./internal";
import { type DatasetDto, datasetRef } from "./schemas";

/** One version with its columns and their profile. Throws not_found. */
export async function getDataset(
  ctx: Context,
  input: z.input<typeof datasetRef>,
): Promise<DatasetDto> {
  requirePermission(ctx, "datasets:read");
  const { dataset } = datasetRef.parse(input);
  return toDatasetDto(await withWorkspace(ctx, (tx) => getDatasetInWorkspace(tx, ctx, dataset)));
}
