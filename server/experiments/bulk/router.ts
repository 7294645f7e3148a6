import { procedure } from "@/server/trpc/init";
import { archiveRuns, moveRuns, purgeRuns, restoreRuns, tagRuns } from "./index";
import { moveRunsInput, runsInput, tagRunsInput } from "./schemas";

const write = procedure("experiments:write");

export const bulkRunProcedures = {
  archiveRuns: write.input(runsInput).mutation(({ ctx, input }) => archiveRuns(ctx.context, input)),
  restoreRuns: write.input(runsInput).mutation(({ ctx, input }) => restoreRuns(ctx.context, input)),
  purgeRuns: write.input(runsInput).mutation(({ ctx, input }) => purgeRuns(ctx.context, input)),
  moveRuns: write.input(moveRunsInput).mutation(({ ctx, input }) => moveRuns(ctx.context, input)),
  tagRuns: write.input(tagRunsInput).mutation(({ ctx, input }) => tagRuns(ctx.context, input)),
};
