import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersions } from "@/db/schema";
import { actorAllows, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { reportGates } from "../gates/report-gates";
import { loadStages } from "../stages/internal";
import type { Stage } from "../stages/schemas";
import { isOpen } from "./constants";
import {
  type ApprovalRow,
  getApprovalInWorkspace,
  loadReviews,
  makerOf,
  stateOf,
} from "./internal";
import { loadNames } from "./person-names";
import { reviewRefusal } from "./policy";
import { type ApprovalDetail, approvalRef } from "./schemas";
import { toApprovalDtos } from "./to-approval-dto";

/** One request with what its gates say now, and whether the caller may review it. Throws not_found. */
export async function getApproval(
  ctx: Context,
  input: z.input<typeof approvalRef>,
): Promise<ApprovalDetail> {
  requirePermission(ctx, "models:read");
  const { approval: id } = approvalRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getApprovalInWorkspace(tx, ctx, id);
    const [dto] = await toApprovalDtos(tx, ctx, [row]);
    if (!dto) throw new Error("a request became nothing");
    // Deleted ones too: what was decided about them stays readable.
    const [version] = await tx
      .select()
      .from(modelVersions)
      .where(
        and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, row.versionId)),
      );
    if (!version) throw notFound("The version");
    const stage = (await loadStages(tx, ctx)).find(({ key }) => key === row.toStage);
    const maker = await makerOf(tx, ctx, version);
    const naming = await loadNames(tx, ctx, maker ? [maker] : []);
    const open = stage && isOpen(stateOf(row, ctx.now()));
    return {
      ...dto,
      trainedBy: maker ? naming(maker) : null,
      gatesNow: open ? await reportGates(tx, ctx, version, stage.gates) : null,
      review: await mayReview(tx, ctx, { row, maker, stage: open ? stage : undefined }),
    };
  });
}

async function mayReview(
  tx: Transaction,
  ctx: Context,
  about: { row: ApprovalRow; maker: string | null; stage: Stage | undefined },
): Promise<ApprovalDetail["review"]> {
  const no = (reason: string) => ({ allowed: false, reason });
  if (!about.stage) return no("The request is decided.");
  if (!actorAllows(ctx.actor, "approvals:write")) return no("Your role does not review requests.");
  const reviews = await loadReviews(tx, ctx, [about.row.id]);
  const refusal = reviewRefusal({
    actor: ctx.actor,
    requestedBy: about.row.requestedBy,
    trainedBy: about.maker,
    reviewers: about.stage.reviewers,
    reviewed: reviews.map(({ reviewer }) => reviewer),
  });
  return refusal ? no(refusal) : { allowed: true, reason: null };
}
