import { and, eq, ilike, isNull, or, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { datasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, byNumber, byText, keyset, type Page, toPage } from "@/server/kernel/paging";
import { summaryColumns, toDatasetSummary } from "./internal";
import { type DatasetSummary, listDatasetsInput } from "./schemas";

const SORTS = {
  createdAt: byDate(datasets.createdAt),
  name: byText(datasets.name),
  rows: byNumber(datasets.rows),
  sizeBytes: byNumber(datasets.sizeBytes),
};

const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);

/** No live version of the same name is newer. */
const isNewest = sql`not exists (select 1 from datasets newer
  where newer.workspace_id = ${datasets.workspaceId} and lower(newer.name) = lower(${datasets.name})
    and newer.version > ${datasets.version} and newer.deleted_at is null)`;

/** A page of datasets by keyset, without their columns. */
export async function listDatasets(
  ctx: Context,
  input: z.input<typeof listDatasetsInput>,
): Promise<Page<DatasetSummary>> {
  requirePermission(ctx, "datasets:read");
  const query = listDatasetsInput.parse(input);
  const page = keyset(SORTS[query.sort], datasets.id, query);
  const like = query.search ? `%${escapeLike(query.search)}%` : undefined;
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select(summaryColumns)
      .from(datasets)
      .where(
        and(
          eq(datasets.workspaceId, ctx.workspaceId),
          isNull(datasets.deletedAt),
          query.format ? eq(datasets.format, query.format) : undefined,
          like ? or(ilike(datasets.name, like), ilike(datasets.description, like)) : undefined,
          query.versions === "newest" ? isNewest : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1),
  );
  return toPage(
    rows,
    query.limit,
    (row) => {
      const key = row[query.sort];
      return [key instanceof Date ? key.toISOString() : key, row.id];
    },
    toDatasetSummary,
  );
}
