import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { closeApproval } from "./close-approval";
import { isOpen } from "./constants";
import { getApprovalInWorkspace, lockApproval } from "./internal";

/** Closes a request nobody decided in time; one that was decided or has time left stays as it is. */
export async function expireApproval(ctx: Context, approvalId: string): Promise<void> {
  requirePermission(ctx, "models:write");
  await withWorkspace(ctx, async (tx) => {
    // Asked before the model is locked, for a deleted model has no open requests and no lock.
    if (!isOpen((await getApprovalInWorkspace(tx, ctx, approvalId)).state)) return;
    const { approval } = await lockApproval(tx, ctx, approvalId);
    if (!isOpen(approval.state) || approval.expiresAt > ctx.now()) return;
    await closeApproval(tx, ctx, approval, "expired", { closeReason: "Nobody decided in time." });
  });
}
