import { defineRoute } from "@/server/protocols/rest/contract";
import { batchRoutes } from "./batch/rest";
import { explorerRoutes } from "./explorer/rest";
import { getShadowComparison, predict } from "./index";
import { batchJobRoutes } from "./jobs/rest";
import { outcomesRoutes } from "./outcomes/rest";
import { qualityRoutes } from "./quality/rest";
import { retentionRoutes } from "./retention/rest";
import { predictBody, predictDeploymentParams, predictModelParams, predictReply } from "./schemas";
import { shadowComparisonDto, shadowQuery } from "./shadow/schemas";

const tag = "Predictions";

/** The prediction lane answers the two predict routes first; here they are for plain API servers. */
export const predictionsRoutes = [
  defineRoute({
    method: "post",
    path: "/deployments/{deployment}/predict",
    operationId: "predict",
    summary: "Predict",
    description: "Values by feature name, checked against the version's signature.",
    tag,
    permission: "predictions:create",
    params: predictDeploymentParams,
    body: predictBody,
    status: 200,
    reply: predictReply,
    handler: ({ ctx, params, body }) => predict(ctx, { ...body, ...params }),
  }),
  defineRoute({
    method: "post",
    path: "/models/{model}/predict",
    operationId: "predictWithModel",
    summary: "Predict with the production deployment of a model",
    tag,
    permission: "predictions:create",
    params: predictModelParams,
    body: predictBody,
    status: 200,
    reply: predictReply,
    handler: ({ ctx, params, body }) => predict(ctx, { ...body, ...params }),
  }),
  ...batchRoutes,
  ...batchJobRoutes,
  ...qualityRoutes,
  ...retentionRoutes,
  ...explorerRoutes,
  ...outcomesRoutes,
  defineRoute({
    method: "get",
    path: "/deployments/{deployment}/shadow-comparison",
    operationId: "getShadowComparison",
    summary: "How the shadow variants of a deployment would have answered",
    tag,
    permission: "predictions:read",
    params: predictDeploymentParams,
    query: shadowQuery,
    status: 200,
    reply: shadowComparisonDto,
    handler: ({ ctx, params, query }) => getShadowComparison(ctx, { ...query, ...params }),
  }),
];
