import { desc } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { datasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import {
  getDatasetInWorkspace,
  namedInWorkspace,
  summaryColumns,
  toDatasetSummary,
} from "./internal";
import { type DatasetSummary, datasetRef } from "./schemas";

/** More versions than this are not listed; the newest come first. */
const VERSIONS_MAX = 1_000;

/** Every live version of a dataset's name, newest first. Throws not_found. */
export async function listDatasetVersions(
  ctx: Context,
  input: z.input<typeof datasetRef>,
): Promise<DatasetSummary[]> {
  requirePermission(ctx, "datasets:read");
  const { dataset } = datasetRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { name } = await getDatasetInWorkspace(tx, ctx, dataset);
    const rows = await tx
      .select(summaryColumns)
      .from(datasets)
      .where(namedInWorkspace(ctx, name))
      .orderBy(desc(datasets.version))
      .limit(VERSIONS_MAX);
    return rows.map(toDatasetSummary);
  });
}
