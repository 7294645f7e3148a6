import { procedure, router } from "@/server/trpc/init";
import { listPredictions, predict } from "./index";
import { listPredictionsInput, predictInput } from "./schemas";

export const predictionsRouter = router({
  predict: procedure("predictions:create")
    .input(predictInput)
    .mutation(({ ctx, input }) => predict(ctx.context, input)),
  listRecent: procedure("predictions:read")
    .input(listPredictionsInput)
    .query(({ ctx, input }) => listPredictions(ctx.context, input)),
});
