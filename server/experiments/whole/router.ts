import { procedure } from "@/server/trpc/init";
import { wholeInput } from "./schemas";
import { stopExperiment } from "./stop-experiment";
import { summarizeMetrics } from "./summarize-metrics";

export const wholeProcedures = {
  stop: procedure("experiments:write")
    .input(wholeInput)
    .mutation(({ ctx, input }) => stopExperiment(ctx.context, input)),
  metricSummary: procedure("experiments:read")
    .input(wholeInput)
    .query(({ ctx, input }) => summarizeMetrics(ctx.context, input)),
};
