import { and, asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelAliases, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace } from "../internal";
import { modelRef } from "../schemas";
import type { AliasDto } from "./schemas";

/** The aliases of a model by name. Throws not_found. */
export async function listAliases(
  ctx: Context,
  input: z.input<typeof modelRef>,
): Promise<AliasDto[]> {
  requirePermission(ctx, "models:read");
  const { model: ref } = modelRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref);
    const rows = await tx
      .select({
        alias: modelAliases.alias,
        versionId: modelAliases.versionId,
        versionNumber: modelVersions.number,
        updatedAt: modelAliases.updatedAt,
      })
      .from(modelAliases)
      .innerJoin(
        modelVersions,
        and(
          eq(modelVersions.workspaceId, modelAliases.workspaceId),
          eq(modelVersions.id, modelAliases.versionId),
        ),
      )
      .where(and(eq(modelAliases.workspaceId, ctx.workspaceId), eq(modelAliases.modelId, model.id)))
      .orderBy(asc(modelAliases.alias));
    return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
  });
}
