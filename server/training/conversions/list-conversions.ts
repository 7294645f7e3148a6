import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelConversions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getModelInWorkspace, getVersionInWorkspace } from "@/server/registry";
import { toConversionDto } from "./internal";
import { type ConversionDto, listConversionsInput } from "./schemas";

/** The conversions of a version, newest first; none for one that came as ONNX. Throws not_found. */
export async function listConversions(
  ctx: Context,
  input: z.input<typeof listConversionsInput>,
): Promise<Page<ConversionDto>> {
  requirePermission(ctx, "models:read");
  const { model, version, limit, cursor } = listConversionsInput.parse(input);
  const sort = byDate(modelConversions.createdAt);
  const { where, orderBy } = keyset(sort, modelConversions.id, { cursor, order: "desc" });
  return withWorkspace(ctx, async (tx) => {
    const parent = await getModelInWorkspace(tx, ctx, model);
    const { id } = await getVersionInWorkspace(tx, ctx, parent, version);
    const own = and(
      eq(modelConversions.workspaceId, ctx.workspaceId),
      eq(modelConversions.versionId, id),
    );
    const rows = await tx
      .select()
      .from(modelConversions)
      .where(and(own, where))
      .orderBy(...orderBy)
      .limit(limit + 1);
    return toPage(rows, limit, (row) => [row.createdAt.toISOString(), row.id], toConversionDto);
  });
}
