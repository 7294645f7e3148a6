import { eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { workspaces } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getOwnWorkspace, toWorkspaceDto } from "./own-workspace";
import { requirePermission } from "./require-permission";
import { updateWorkspaceInput, type workspaceDto } from "./schemas";

/** Renames the workspace; its slug, which stands in addresses, stays. */
export async function updateWorkspace(
  ctx: Context,
  input: z.input<typeof updateWorkspaceInput>,
): Promise<z.infer<typeof workspaceDto>> {
  requirePermission(ctx, "workspace:write");
  const { name } = updateWorkspaceInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await getOwnWorkspace(tx, ctx);
    await tx.update(workspaces).set({ name }).where(eq(workspaces.id, ctx.workspaceId));
    await recordAudit(tx, ctx, {
      action: "workspace.renamed",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before: { name: before.name },
      after: { name },
    });
    await announceChange(tx, ctx, "access", ctx.workspaceId);
    return toWorkspaceDto({ ...before, name });
  });
}
