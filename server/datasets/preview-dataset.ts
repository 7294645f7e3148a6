import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { datasetPreviews } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getDatasetInWorkspace } from "./internal";
import { type Cell, type DatasetColumn, type DatasetPreview, previewDatasetInput } from "./schemas";

/** Some of a dataset's first rows, as they were kept when it was made. Throws not_found. */
export async function previewDataset(
  ctx: Context,
  input: z.input<typeof previewDatasetInput>,
): Promise<DatasetPreview> {
  requirePermission(ctx, "datasets:read");
  const { dataset, limit, offset } = previewDatasetInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset);
    const [kept] = await tx
      .select({ rows: datasetPreviews.rows })
      .from(datasetPreviews)
      .where(
        and(
          eq(datasetPreviews.workspaceId, ctx.workspaceId),
          eq(datasetPreviews.datasetId, row.id),
        ),
      );
    const rows = (kept?.rows ?? []) as Cell[][];
    const columns = (row.columns as DatasetColumn[]).map(({ name, type }) => ({ name, type }));
    return {
      datasetId: row.id,
      columns,
      rows: rows
        .slice(offset, offset + limit)
        .map((cells) => Object.fromEntries(columns.map(({ name }, i) => [name, cells[i] ?? null]))),
      offset,
      availableRows: rows.length,
      totalRows: row.rows,
    };
  });
}
