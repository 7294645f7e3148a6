import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { getModelInWorkspace } from "../internal";
import { modelRef } from "../schemas";
import { toRegisteredModels } from "./load-models";
import type { RegisteredModelDto } from "./schemas";

/** One model with tags, aliases and the newest version of each stage. Throws not_found. */
export async function getRegisteredModel(
  ctx: Context,
  input: z.input<typeof modelRef>,
): Promise<RegisteredModelDto> {
  requirePermission(ctx, "models:read");
  const { model: ref } = modelRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const [dto] = await toRegisteredModels(tx, ctx, [await getModelInWorkspace(tx, ctx, ref)]);
    if (!dto) throw notFound("The model");
    return dto;
  });
}
