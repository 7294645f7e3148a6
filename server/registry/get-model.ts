import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { countVersions, getModelInWorkspace, toModelDto } from "./internal";
import { type ModelDto, modelRef } from "./schemas";

/** One model by id or name. Throws not_found. */
export async function getModel(ctx: Context, input: z.input<typeof modelRef>): Promise<ModelDto> {
  requirePermission(ctx, "models:read");
  const { model } = modelRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getModelInWorkspace(tx, ctx, model);
    return toModelDto(row, await countVersions(tx, ctx, row.id));
  });
}
