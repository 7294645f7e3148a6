import { defineRoute } from "@/server/protocols/rest/contract";
import { recordOutcomes } from "./record-outcomes";
import { outcomeBody, outcomesBody, outcomesReply, requestParams } from "./schemas";

const tag = "Predictions";
const BODY_BYTES_MAX = 8 * 1024 * 1024;

export const outcomesRoutes = [
  defineRoute({
    method: "post",
    path: "/predictions/{requestId}/outcome",
    operationId: "recordOutcome",
    summary: "Tell what came of a prediction",
    description:
      "May be told at any time, also before the prediction is in the log. Telling it again is the same as once; another outcome corrects the first.",
    tag,
    permission: "predictions:create",
    params: requestParams,
    body: outcomeBody,
    status: 200,
    reply: outcomesReply,
    handler: ({ ctx, params, body }) => recordOutcomes(ctx, { outcomes: [{ ...body, ...params }] }),
  }),
  defineRoute({
    method: "post",
    path: "/predictions/outcomes",
    operationId: "recordOutcomes",
    summary: "Tell what came of up to 10,000 predictions",
    tag,
    permission: "predictions:create",
    body: outcomesBody,
    bodyLimitBytes: BODY_BYTES_MAX,
    status: 200,
    reply: outcomesReply,
    handler: ({ ctx, body }) => recordOutcomes(ctx, body),
  }),
];
