import { procedure } from "@/server/trpc/init";
import { getApproval } from "./get-approval";
import { listApprovals } from "./list-approvals";
import { meetCondition } from "./meet-condition";
import { recheckApproval } from "./recheck-approval";
import { requestStage } from "./request-stage";
import { reviewApproval } from "./review-approval";
import {
  approvalRef,
  listApprovalsInput,
  meetConditionInput,
  requestStageInput,
  reviewApprovalInput,
  withdrawApprovalInput,
} from "./schemas";
import { withdrawApproval } from "./withdraw-approval";

export const approvalProcedures = {
  requestStage: procedure("models:write")
    .input(requestStageInput)
    .mutation(({ ctx, input }) => requestStage(ctx.context, input)),
  listApprovals: procedure("models:read")
    .input(listApprovalsInput)
    .query(({ ctx, input }) => listApprovals(ctx.context, input)),
  getApproval: procedure("models:read")
    .input(approvalRef)
    .query(({ ctx, input }) => getApproval(ctx.context, input)),
  reviewApproval: procedure("approvals:write")
    .input(reviewApprovalInput)
    .mutation(({ ctx, input }) => reviewApproval(ctx.context, input)),
  meetCondition: procedure("approvals:write")
    .input(meetConditionInput)
    .mutation(({ ctx, input }) => meetCondition(ctx.context, input)),
  recheckApproval: procedure("models:write")
    .input(approvalRef)
    .mutation(({ ctx, input }) => recheckApproval(ctx.context, input)),
  withdrawApproval: procedure("models:write")
    .input(withdrawApprovalInput)
    .mutation(({ ctx, input }) => withdrawApproval(ctx.context, input)),
};
