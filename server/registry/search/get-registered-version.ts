import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { versionRef } from "../schemas";
import { loadRegisteredVersion } from "./load-versions";
import type { RegisteredVersionDto } from "./schemas";

/** One version with its source, tags and aliases. Throws not_found. */
export async function getRegisteredVersion(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<RegisteredVersionDto> {
  requirePermission(ctx, "models:read");
  const { model: ref, version } = versionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref);
    const { id } = await getVersionInWorkspace(tx, ctx, model, version);
    return loadRegisteredVersion(tx, ctx, id);
  });
}
