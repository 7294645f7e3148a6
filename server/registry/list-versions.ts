import { and, eq, getTableColumns, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, byNumber, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getModelInWorkspace, toVersionSummary } from "./internal";
import { listVersionsInput, type VersionSummary } from "./schemas";

const SORTS = {
  number: byNumber(modelVersions.number),
  createdAt: byDate(modelVersions.createdAt),
};

const {
  signature: _signature,
  signatureRevision: _signatureRevision,
  inputExample: _inputExample,
  environment: _environment,
  ...SUMMARY_COLUMNS
} = getTableColumns(modelVersions);

/** A page of a model's versions by keyset, newest first unless asked otherwise. Throws not_found. */
export async function listVersions(
  ctx: Context,
  input: z.input<typeof listVersionsInput>,
): Promise<Page<VersionSummary>> {
  requirePermission(ctx, "models:read");
  const query = listVersionsInput.parse(input);
  const page = keyset(SORTS[query.sort], modelVersions.id, query);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, query.model);
    const rows = await tx
      .select(SUMMARY_COLUMNS)
      .from(modelVersions)
      .where(
        and(
          eq(modelVersions.workspaceId, ctx.workspaceId),
          eq(modelVersions.modelId, model.id),
          isNull(modelVersions.deletedAt),
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    return toPage(
      rows,
      query.limit,
      (row) => [query.sort === "number" ? row.number : row.createdAt.toISOString(), row.id],
      (row) => toVersionSummary(row, model.name),
    );
  });
}
