import { z } from "zod";
import { procedure, router } from "@/server/trpc/init";
import { bulkRunProcedures } from "./bulk/router";
import {
  createExperiment,
  createRun,
  deleteExperiment,
  deleteRun,
  getExperiment,
  getRun,
  listExperiments,
  listRunArtifacts,
  listRuns,
  metricHistory,
  purgeExperiment,
  restoreExperiment,
  restoreRun,
  updateExperiment,
  updateRun,
} from "./index";
import {
  createExperimentInput,
  createRunInput,
  experimentRef,
  listExperimentsInput,
  listRunsInput,
  metricHistoryInput,
  updateExperimentInput,
  updateRunInput,
} from "./schemas";
import { searchProcedures } from "./search/router";
import { viewProcedures } from "./views/router";
import { wholeProcedures } from "./whole/router";

const read = procedure("experiments:read");
const write = procedure("experiments:write");
const experiment = z.object({ experiment: experimentRef });
const run = z.object({ runId: z.string().min(1).max(256) });

export const experimentsRouter = router({
  ...bulkRunProcedures,
  ...searchProcedures,
  ...viewProcedures,
  ...wholeProcedures,
  list: read
    .input(listExperimentsInput)
    .query(({ ctx, input }) => listExperiments(ctx.context, input)),
  create: write
    .input(createExperimentInput)
    .mutation(({ ctx, input }) => createExperiment(ctx.context, input)),
  get: read.input(experiment).query(({ ctx, input }) => getExperiment(ctx.context, input)),
  update: write
    .input(experiment.extend({ changes: updateExperimentInput }))
    .mutation(({ ctx, input }) => updateExperiment(ctx.context, input)),
  delete: write
    .input(experiment)
    .mutation(({ ctx, input }) => deleteExperiment(ctx.context, input)),
  restore: write
    .input(experiment)
    .mutation(({ ctx, input }) => restoreExperiment(ctx.context, input)),
  purge: write.input(experiment).mutation(({ ctx, input }) => purgeExperiment(ctx.context, input)),
  createRun: write
    .input(createRunInput)
    .mutation(({ ctx, input }) => createRun(ctx.context, input)),
  listRuns: read.input(listRunsInput).query(({ ctx, input }) => listRuns(ctx.context, input)),
  getRun: read.input(run).query(({ ctx, input }) => getRun(ctx.context, input)),
  updateRun: write
    .input(run.extend({ changes: updateRunInput }))
    .mutation(({ ctx, input }) => updateRun(ctx.context, input)),
  deleteRun: write.input(run).mutation(({ ctx, input }) => deleteRun(ctx.context, input)),
  restoreRun: write.input(run).mutation(({ ctx, input }) => restoreRun(ctx.context, input)),
  metricHistory: read
    .input(metricHistoryInput)
    .query(({ ctx, input }) => metricHistory(ctx.context, input)),
  listArtifacts: read
    .input(run.extend({ path: z.string().max(1000).optional() }))
    .query(({ ctx, input }) =>
      listRunArtifacts(ctx.context, {
        owner: { kind: "run", id: input.runId },
        path: input.path,
      }),
    ),
});
