import { procedure, router } from "@/server/trpc/init";
import { batchPredictInput } from "./batch/schemas";
import { getPredictionInput, listPredictionsInput } from "./explorer/schemas";
import {
  batchPredict,
  getPrediction,
  getPredictionQuality,
  getPredictionRetention,
  getPredictionStorage,
  getShadowComparison,
  listPredictions,
  predict,
  recordOutcomes,
  setPredictionRetention,
} from "./index";
import { batchJobsRouter } from "./jobs/router";
import { outcomesBody } from "./outcomes/schemas";
import { qualityInput } from "./quality/schemas";
import { setRetentionInput } from "./retention/schemas";
import { predictInput } from "./schemas";
import { shadowInput } from "./shadow/schemas";

export const predictionsRouter = router({
  batchJobs: batchJobsRouter,
  predict: procedure("predictions:create")
    .input(predictInput)
    .mutation(({ ctx, input }) => predict(ctx.context, input)),
  batchPredict: procedure("predictions:create")
    .input(batchPredictInput)
    .mutation(({ ctx, input }) => batchPredict(ctx.context, input)),
  get: procedure("predictions:read")
    .input(getPredictionInput)
    .query(({ ctx, input }) => getPrediction(ctx.context, input)),
  recordOutcomes: procedure("predictions:create")
    .input(outcomesBody)
    .mutation(({ ctx, input }) => recordOutcomes(ctx.context, input)),
  listRecent: procedure("predictions:read")
    .input(listPredictionsInput)
    .query(({ ctx, input }) => listPredictions(ctx.context, input)),
  quality: procedure("predictions:read")
    .input(qualityInput)
    .query(({ ctx, input }) => getPredictionQuality(ctx.context, input)),
  retention: procedure("predictions:read").query(({ ctx }) => getPredictionRetention(ctx.context)),
  storage: procedure("predictions:read").query(({ ctx }) => getPredictionStorage(ctx.context)),
  setRetention: procedure("workspace:write")
    .input(setRetentionInput)
    .mutation(({ ctx, input }) => setPredictionRetention(ctx.context, input)),
  shadowComparison: procedure("predictions:read")
    .input(shadowInput)
    .query(({ ctx, input }) => getShadowComparison(ctx.context, input)),
});
