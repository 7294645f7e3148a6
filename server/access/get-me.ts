import { eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { workspaces } from "@/db/schema";
import { actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { PERMISSIONS } from "./constants";
import { actorAllows, requirePermission } from "./require-permission";
import type { meDto } from "./schemas";

/** Who the caller is here, and what they may do. */
export async function getMe(ctx: Context): Promise<z.infer<typeof meDto>> {
  requirePermission(ctx, "workspace:read");
  const [workspace] = await withWorkspace(ctx, (tx) =>
    tx
      .select({ id: workspaces.id, slug: workspaces.slug, name: workspaces.name })
      .from(workspaces)
      .where(eq(workspaces.id, ctx.workspaceId)),
  );
  if (!workspace) throw notFound("The workspace");
  return {
    actor: {
      type: ctx.actor.type,
      name: actorName(ctx.actor),
      role: "role" in ctx.actor ? ctx.actor.role : null,
    },
    permissions: PERMISSIONS.filter((permission) => actorAllows(ctx.actor, permission)),
    workspace,
  };
}
