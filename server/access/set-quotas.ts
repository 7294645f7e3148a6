import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { workspaceQuotas } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { type Quotas, readQuotas, readUsage } from "./quotas";
import { requirePermission } from "./require-permission";
import { setQuotasInput, type usageDto } from "./schemas";

/** Quotas of the workspace beside what it uses. */
export async function getUsage(ctx: Context): Promise<z.infer<typeof usageDto>> {
  requirePermission(ctx, "workspace:read");
  return withWorkspace(ctx, async (tx) => ({
    quotas: await readQuotas(tx, ctx),
    usage: await readUsage(tx, ctx),
  }));
}

/** Changes the quotas that are given; null takes one away. What is used already stays. */
export async function setQuotas(
  ctx: Context,
  input: z.input<typeof setQuotasInput>,
): Promise<Quotas> {
  requirePermission(ctx, "workspace:write");
  const changes = setQuotasInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await readQuotas(tx, ctx);
    const after: Quotas = { ...before, ...changes };
    const values = { ...after, updatedAt: ctx.now() };
    await tx
      .insert(workspaceQuotas)
      .values({ ...values, workspaceId: ctx.workspaceId })
      .onConflictDoUpdate({ target: workspaceQuotas.workspaceId, set: values });
    await recordAudit(tx, ctx, {
      action: "workspace.quotas_changed",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before,
      after,
    });
    await announceChange(tx, ctx, "access", ctx.workspaceId);
    return after;
  });
}
