import { defineRoute } from "@/server/protocols/rest/contract";
import { explorerRoutes } from "./explorer/rest";
import { predict } from "./index";
import { outcomesRoutes } from "./outcomes/rest";
import { predictBody, predictDeploymentParams, predictModelParams, predictReply } from "./schemas";

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
  ...explorerRoutes,
  ...outcomesRoutes,
];
