import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModel } from "../get-model";
import { getVersion } from "../get-version";
import { cardTemplate } from "./card-template";
import { cardTemplateInput } from "./schemas";

/** A card to start from, by a version's data; nothing is kept. Throws not_found. */
export async function draftCard(
  ctx: Context,
  input: z.input<typeof cardTemplateInput>,
): Promise<{ content: string }> {
  requirePermission(ctx, "models:read");
  const ref = cardTemplateInput.parse(input);
  const [model, version] = [await getModel(ctx, ref), await getVersion(ctx, ref)];
  return { content: cardTemplate(model, version) };
}
