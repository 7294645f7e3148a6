import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { lockStages } from "../stages/internal";
import { lockApproval, requireOpen } from "./internal";
import { type ApprovalDto, approvalRef } from "./schemas";
import { settleApproval } from "./settle-approval";
import { toApprovalDtos } from "./to-approval-dto";

/**
 * Looks at an open request again, after a gate turned or the stage's rules changed; the version moves
 * when nothing is left to wait for. Throws not_found, conflict when it is no longer open.
 */
export async function recheckApproval(
  ctx: Context,
  input: z.input<typeof approvalRef>,
): Promise<ApprovalDto> {
  requirePermission(ctx, "models:write");
  const { approval: id } = approvalRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { approval, model } = await lockApproval(tx, ctx, id);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    await lockStages(tx, ctx, "shared");
    requireOpen(approval, ctx.now());
    const settled = await settleApproval(tx, ctx, model, approval);
    const [dto] = await toApprovalDtos(tx, ctx, [settled.approval]);
    if (!dto) throw new Error("a request became nothing");
    return dto;
  });
}
