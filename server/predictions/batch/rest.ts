import { defineRoute } from "@/server/protocols/rest/contract";
import { predictDeploymentParams } from "../schemas";
import { batchPredict } from "./batch-predict";
import { BATCH_BYTES_MAX, batchPredictBody, batchPredictReply } from "./schemas";

export const batchRoutes = [
  defineRoute({
    method: "post",
    path: "/deployments/{deployment}/batch-predict",
    operationId: "batchPredict",
    summary: "Predict many rows at once",
    description:
      "The rows go to the deployment in batches, several at a time; all or none are answered.",
    tag: "Predictions",
    permission: "predictions:create",
    params: predictDeploymentParams,
    body: batchPredictBody,
    bodyLimitBytes: BATCH_BYTES_MAX,
    status: 200,
    reply: batchPredictReply,
    handler: ({ ctx, params, body }) => batchPredict(ctx, { ...body, ...params }),
  }),
];
