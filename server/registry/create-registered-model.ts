import { eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireModelQuota, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { insertModel } from "./insert-model";
import { requireFreeName } from "./internal";
import { freeModelName, type ModelDto } from "./schemas";
import { newTags } from "./tags/schemas";

const input = z.strictObject({
  name: freeModelName,
  description: z.string().max(10_000).default(""),
  tags: newTags,
});

/**
 * Registers a name for an MLflow client: freer than ours, and told apart by case. Throws conflict
 * when a model of exactly this name exists.
 */
export async function createRegisteredModel(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<ModelDto> {
  requirePermission(ctx, "models:write");
  const { name, description, tags } = input.parse(values);
  return withWorkspace(ctx, async (tx) => {
    await requireModelQuota(tx, ctx);
    await requireFreeName(tx, ctx, name, { matches: eq(models.name, name) });
    const type = "other" as const;
    const framework = "custom" as const;
    return insertModel(tx, ctx, { name, description, tags, type, framework });
  });
}
