import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { versionRef } from "../schemas";
import { getExternalInWorkspace, toExternalDto } from "./internal";
import type { ExternalDto } from "./schemas";

/** Where a version runs elsewhere, and what its last check found. Throws not_found. */
export async function getExternal(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<ExternalDto> {
  requirePermission(ctx, "models:read");
  const ref = versionRef.parse(input);
  return withWorkspace(ctx, async (tx) =>
    toExternalDto((await getExternalInWorkspace(tx, ctx, ref)).external),
  );
}
