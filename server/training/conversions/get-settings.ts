import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { allowsPickled } from "./internal";
import type { settingsDto } from "./schemas";

/** What the workspace allows to be converted. */
export async function getConversionSettings(ctx: Context): Promise<z.infer<typeof settingsDto>> {
  requirePermission(ctx, "workspace:read");
  return withWorkspace(ctx, async (tx) => ({ allowPickled: await allowsPickled(tx, ctx) }));
}
