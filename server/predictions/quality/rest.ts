import { defineRoute } from "@/server/protocols/rest/contract";
import { predictDeploymentParams } from "../schemas";
import { getPredictionQuality } from "./get-quality";
import { predictionQualityDto, qualityQuery } from "./schemas";

export const qualityRoutes = [
  defineRoute({
    method: "get",
    path: "/deployments/{deployment}/prediction-quality",
    operationId: "getPredictionQuality",
    summary: "How right the variants of a deployment were over time",
    description: "Predictions beside the outcomes told of them, archives included.",
    tag: "Predictions",
    permission: "predictions:read",
    params: predictDeploymentParams,
    query: qualityQuery,
    status: 200,
    reply: predictionQualityDto,
    handler: ({ ctx, params, query }) => getPredictionQuality(ctx, { ...query, ...params }),
  }),
];
