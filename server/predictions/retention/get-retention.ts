import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { workspaceRetention } from "./internal";
import type { RetentionDto } from "./schemas";

/** How long the workspace keeps its prediction log where a deployment does not say otherwise. */
export async function getPredictionRetention(ctx: Context): Promise<RetentionDto> {
  requirePermission(ctx, "predictions:read");
  return withWorkspace(ctx, (tx) => workspaceRetention(tx, ctx));
}
