import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace, getVersionInWorkspace, toVersionDto } from "./internal";
import { type VersionDto, versionRef } from "./schemas";

/** One version with its signature, input example and environment. Throws not_found. */
export async function getVersion(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<VersionDto> {
  requirePermission(ctx, "models:read");
  const { model, version } = versionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const parent = await getModelInWorkspace(tx, ctx, model);
    return toVersionDto(await getVersionInWorkspace(tx, ctx, parent, version), parent.name);
  });
}
