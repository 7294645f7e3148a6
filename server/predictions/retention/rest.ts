import { defineRoute } from "@/server/protocols/rest/contract";
import { getPredictionRetention } from "./get-retention";
import { getPredictionStorage } from "./get-storage";
import { retentionDto, setRetentionInput, storageDto } from "./schemas";
import { setPredictionRetention } from "./set-retention";

const tag = "Predictions";

export const retentionRoutes = [
  defineRoute({
    method: "get",
    path: "/predictions/retention",
    operationId: "getPredictionRetention",
    summary: "How long the prediction log is kept",
    tag,
    permission: "predictions:read",
    status: 200,
    reply: retentionDto,
    handler: ({ ctx }) => getPredictionRetention(ctx),
  }),
  defineRoute({
    method: "get",
    path: "/predictions/storage",
    operationId: "getPredictionStorage",
    summary: "How much the prediction log takes",
    description: "In the database, in archives, and as results of batch jobs.",
    tag,
    permission: "predictions:read",
    status: 200,
    reply: storageDto,
    handler: ({ ctx }) => getPredictionStorage(ctx),
  }),
  defineRoute({
    method: "put",
    path: "/predictions/retention",
    operationId: "setPredictionRetention",
    summary: "Say how long the prediction log is kept",
    description:
      "Deployments may say otherwise in their logging settings. Rows move to archives within the hour after their last day, and archives and results of batch jobs go within the hour after theirs.",
    tag,
    permission: "workspace:write",
    body: setRetentionInput,
    status: 200,
    reply: retentionDto,
    handler: ({ ctx, body }) => setPredictionRetention(ctx, body),
  }),
];
