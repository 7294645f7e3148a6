import { and, eq, getTableColumns, ilike, isNull, or, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, byText, keyset, type Page, toPage } from "@/server/kernel/paging";
import { toModelDto, versionCounts } from "./internal";
import { listModelsInput, type ModelDto } from "./schemas";

const SORTS = {
  createdAt: byDate(models.createdAt),
  updatedAt: byDate(models.updatedAt),
  name: byText(models.name),
};

const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);

const hasVersionIn = (stage: string) => sql`exists (
  select 1 from ${modelVersions}
  where ${modelVersions.workspaceId} = ${models.workspaceId} and ${modelVersions.modelId} = ${models.id}
    and ${modelVersions.stage} = ${stage} and ${modelVersions.deletedAt} is null)`;

/** A page of models by keyset. */
export async function listModels(
  ctx: Context,
  input: z.input<typeof listModelsInput>,
): Promise<Page<ModelDto>> {
  requirePermission(ctx, "models:read");
  const query = listModelsInput.parse(input);
  const sort = SORTS[query.sort];
  const page = keyset(sort, models.id, query);
  const [tagKey, tagValue] = query.tag?.split("=", 2) ?? [];
  const like = query.search ? `%${escapeLike(query.search)}%` : undefined;
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select({ ...getTableColumns(models), ...versionCounts })
      .from(models)
      .where(
        and(
          eq(models.workspaceId, ctx.workspaceId),
          isNull(models.deletedAt),
          query.type ? eq(models.type, query.type) : undefined,
          query.framework ? eq(models.framework, query.framework) : undefined,
          like ? or(ilike(models.name, like), ilike(models.description, like)) : undefined,
          tagKey && tagValue === undefined
            ? sql`jsonb_exists(${models.tags}, ${tagKey})`
            : undefined,
          tagKey && tagValue !== undefined
            ? sql`${models.tags} @> ${JSON.stringify({ [tagKey]: tagValue })}::jsonb`
            : undefined,
          query.stage ? hasVersionIn(query.stage) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1),
  );
  return toPage(
    rows,
    query.limit,
    (row) => [query.sort === "name" ? row.name : row[query.sort].toISOString(), row.id],
    (row) => toModelDto(row, row),
  );
}
