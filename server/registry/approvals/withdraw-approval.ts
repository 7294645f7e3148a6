import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { actorAllows, requireGrant, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { closeApproval } from "./close-approval";
import { lockApproval, requireOpen } from "./internal";
import { personKey } from "./policy";
import { type ApprovalDto, withdrawApprovalInput } from "./schemas";
import { toApprovalDtos } from "./to-approval-dto";

/**
 * Takes a request back: who asked may, and administrators, so that no request of somebody who left
 * blocks the version. Throws not_found, forbidden, conflict when it is no longer open.
 */
export async function withdrawApproval(
  ctx: Context,
  input: z.input<typeof withdrawApprovalInput>,
): Promise<ApprovalDto> {
  requirePermission(ctx, "models:write");
  const { approval: id, comment } = withdrawApprovalInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { approval, model } = await lockApproval(tx, ctx, id);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    requireOwnOrAdmin(ctx, approval.requestedBy);
    requireOpen(approval, ctx.now());
    const closeReason = comment || null;
    const closed = await closeApproval(tx, ctx, approval, "withdrawn", { closeReason });
    const [dto] = await toApprovalDtos(tx, ctx, [closed]);
    if (!dto) throw new Error("a request became nothing");
    return dto;
  });
}

function requireOwnOrAdmin(ctx: Context, requestedBy: string): void {
  if (personKey(ctx.actor) === requestedBy || actorAllows(ctx.actor, "workspace:write")) return;
  throw new AppError("forbidden", "Who asked takes a request back, or an administrator.");
}
