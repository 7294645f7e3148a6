import type { z } from "zod";
import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionRef } from "../schemas";
import { getApproval } from "./get-approval";
import { listApprovals } from "./list-approvals";
import { meetCondition } from "./meet-condition";
import { recheckApproval } from "./recheck-approval";
import { requestStage } from "./request-stage";
import { reviewApproval } from "./review-approval";
import {
  approvalDetail,
  approvalDto,
  approvalRef,
  conditionNote,
  conditionRef,
  listApprovalsInput,
  reviewRequest,
  stageRequest,
  stageRequestResult,
  withdrawRequest,
} from "./schemas";
import { withdrawApproval } from "./withdraw-approval";

const tag = "Approvals";

/** `v` in the path; `version` everywhere else. */
const versionParams = modelRef.extend({ v: versionRef.shape.version });
const refOf = ({ model, v }: z.output<typeof versionParams>) => ({ model, version: v });

export const approvalRoutes = [
  defineRoute({
    method: "post",
    path: "/models/{model}/versions/{v}/stage",
    operationId: "requestStage",
    summary: "Move a version to a stage, or ask for it",
    description:
      "`outcome` is `moved` where the stage asks for no approval and every gate passes, else `pending`.",
    tag,
    permission: "models:write",
    params: versionParams,
    body: stageRequest,
    status: 200,
    reply: stageRequestResult,
    handler: ({ ctx, params, body }) => requestStage(ctx, { ...refOf(params), ...body }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/approvals",
    operationId: "listVersionApprovals",
    summary: "Requests to move a version, newest first",
    tag,
    permission: "models:read",
    params: versionParams,
    query: listApprovalsInput.omit({ model: true, version: true }),
    status: 200,
    reply: pageOf(approvalDto),
    handler: ({ ctx, params, query }) => listApprovals(ctx, { ...refOf(params), ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/approvals",
    operationId: "listApprovals",
    summary: "Requests of the workspace, newest first",
    tag,
    permission: "models:read",
    query: listApprovalsInput,
    status: 200,
    reply: pageOf(approvalDto),
    handler: ({ ctx, query }) => listApprovals(ctx, query),
  }),
  defineRoute({
    method: "get",
    path: "/approvals/{approval}",
    operationId: "getApproval",
    summary: "A request with its gates as they are now",
    tag,
    permission: "models:read",
    params: approvalRef,
    status: 200,
    reply: approvalDetail,
    handler: ({ ctx, params }) => getApproval(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/approvals/{approval}/review",
    operationId: "reviewApproval",
    summary: "Approve, reject, or approve on conditions",
    description: "Nobody reviews what they asked for, nor a version they made.",
    tag,
    permission: "approvals:write",
    params: approvalRef,
    body: reviewRequest,
    status: 200,
    reply: approvalDto,
    handler: ({ ctx, params, body }) => reviewApproval(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "post",
    path: "/approvals/{approval}/conditions/{condition}",
    operationId: "meetCondition",
    summary: "Mark a condition as met",
    tag,
    permission: "approvals:write",
    params: conditionRef,
    body: conditionNote,
    status: 200,
    reply: approvalDto,
    handler: ({ ctx, params, body }) => meetCondition(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "post",
    path: "/approvals/{approval}/recheck",
    operationId: "recheckApproval",
    summary: "Look again whether the version can move now",
    tag,
    permission: "models:write",
    params: approvalRef,
    status: 200,
    reply: approvalDto,
    handler: ({ ctx, params }) => recheckApproval(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/approvals/{approval}/withdraw",
    operationId: "withdrawApproval",
    summary: "Take a request back",
    tag,
    permission: "models:write",
    params: approvalRef,
    body: withdrawRequest,
    status: 200,
    reply: approvalDto,
    handler: ({ ctx, params, body }) => withdrawApproval(ctx, { ...params, ...body }),
  }),
];
