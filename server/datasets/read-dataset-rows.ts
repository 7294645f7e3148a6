import type { Context } from "@/server/kernel/context";
import { openDatasetContent } from "./open-dataset-content";
import type { DatasetTable } from "./profile/read-table";
import { readTableFile } from "./profile-file";
import { stageFile } from "./stage-file";

/**
 * The first rows of a dataset, typed as its profile says, read in a process of their own. Throws
 * not_found, unavailable when too many files are being read.
 */
export async function readDatasetRows(
  ctx: Context,
  input: { datasetId: string; rowsMax: number },
): Promise<DatasetTable> {
  // Asks for the permission.
  const { stream, format, sizeBytes } = await openDatasetContent(ctx, input);
  const file = await stageFile(stream, `content.${format}`, sizeBytes);
  try {
    return await readTableFile(file, { format, rowsMax: input.rowsMax });
  } finally {
    await file.discard();
  }
}
