import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { datasets } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { DatasetFormat } from "./constants";
import type { DatasetColumn, DatasetDto, DatasetSummary } from "./schemas";

export type DatasetRow = typeof datasets.$inferSelect;

type Tenant = Pick<Context, "workspaceId">;

/** Live versions of a name, whatever its case. */
export const namedInWorkspace = (ctx: Tenant, name: string) =>
  and(
    eq(datasets.workspaceId, ctx.workspaceId),
    eq(sql`lower(${datasets.name})`, sql`lower(${name.normalize("NFKC")})`),
    isNull(datasets.deletedAt),
  );

/** The newest live version of a name, or undefined. */
export async function findNewestInWorkspace(
  tx: Transaction,
  ctx: Tenant,
  name: string,
): Promise<DatasetRow | undefined> {
  const [row] = await tx
    .select()
    .from(datasets)
    .where(namedInWorkspace(ctx, name))
    .orderBy(desc(datasets.version))
    .limit(1);
  return row;
}

/** Loads by id, or by name the newest version. Throws not_found for another workspace's and deleted ones. */
export async function getDatasetInWorkspace(
  tx: Transaction,
  ctx: Tenant,
  idOrName: string,
  lock = false,
): Promise<DatasetRow> {
  if (!isUuid(idOrName)) {
    const newest = await findNewestInWorkspace(tx, ctx, idOrName);
    if (!newest) throw notFound("The dataset");
    return newest;
  }
  const query = tx
    .select()
    .from(datasets)
    .where(
      and(
        eq(datasets.workspaceId, ctx.workspaceId),
        eq(datasets.id, idOrName),
        isNull(datasets.deletedAt),
      ),
    );
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The dataset");
  return row;
}

/** Columns of a row without the profile, for lists. */
export const summaryColumns = {
  id: datasets.id,
  name: datasets.name,
  version: datasets.version,
  description: datasets.description,
  format: datasets.format,
  delimiter: datasets.delimiter,
  rows: datasets.rows,
  columnCount: datasets.columnCount,
  sizeBytes: datasets.sizeBytes,
  sha256: datasets.sha256,
  createdBy: datasets.createdBy,
  createdAt: datasets.createdAt,
};

export function toDatasetSummary(
  row: Pick<DatasetRow, keyof typeof summaryColumns>,
): DatasetSummary {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    description: row.description,
    format: row.format as DatasetFormat,
    delimiter: row.delimiter,
    rows: row.rows,
    columnCount: row.columnCount,
    sizeBytes: row.sizeBytes,
    sha256: row.sha256,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
  };
}

export const toDatasetDto = (row: DatasetRow): DatasetDto => ({
  ...toDatasetSummary(row),
  columns: row.columns as DatasetColumn[],
});
