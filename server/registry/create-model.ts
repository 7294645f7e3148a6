import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireModelQuota, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { insertModel } from "./insert-model";
import { requireFreeName } from "./internal";
import { createModelInput, type ModelDto } from "./schemas";

/** Registers a name. Throws conflict when a model of that name (any case) exists. */
export async function createModel(
  ctx: Context,
  input: z.input<typeof createModelInput>,
): Promise<ModelDto> {
  requirePermission(ctx, "models:write");
  const values = createModelInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await requireModelQuota(tx, ctx);
    await requireFreeName(tx, ctx, values.name);
    return insertModel(tx, ctx, values);
  });
}
