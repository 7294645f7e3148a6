import { and, asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelVersionTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { versionRef } from "../schemas";
import type { TagDto } from "./schemas";

/** The tags of a version by key. Throws not_found. */
export async function listVersionTags(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<TagDto[]> {
  requirePermission(ctx, "models:read");
  const { model: ref, version } = versionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref);
    const row = await getVersionInWorkspace(tx, ctx, model, version);
    return tx
      .select({ key: modelVersionTags.key, value: modelVersionTags.value })
      .from(modelVersionTags)
      .where(
        and(
          eq(modelVersionTags.workspaceId, ctx.workspaceId),
          eq(modelVersionTags.versionId, row.id),
        ),
      )
      .orderBy(asc(modelVersionTags.key));
  });
}
