import { tracked } from "@trpc/server";
import { z } from "zod";
import { procedure, router } from "@/server/trpc/init";
import { conversionProcedures } from "./conversions/router";
import { followExperimentLogs } from "./experiment-logs/follow-experiment-logs";
import { experimentRef, readExperimentLogsInput } from "./experiment-logs/schemas";
import { followLogs } from "./follow-logs";
import {
  cancelJob,
  getEnvironment,
  getJob,
  listAlgorithms,
  listJobs,
  readExperimentLogs,
  readLogs,
  startTraining,
} from "./index";
import { jobRef, listJobsInput, readLogsInput, startTrainingInput } from "./schemas";

/** A client that comes back says where it was; `offset` is where it begins the first time. */
const followInput = readLogsInput.extend({ lastEventId: z.coerce.number().int().min(0).nullish() });

export const trainingRouter = router({
  ...conversionProcedures,
  algorithms: procedure("training:read").query(({ ctx }) => listAlgorithms(ctx.context)),
  environment: procedure("training:read").query(({ ctx }) => getEnvironment(ctx.context)),
  start: procedure("training:write")
    .input(startTrainingInput)
    .mutation(({ ctx, input }) => startTraining(ctx.context, input)),
  list: procedure("training:read")
    .input(listJobsInput)
    .query(({ ctx, input }) => listJobs(ctx.context, input)),
  get: procedure("training:read")
    .input(jobRef)
    .query(({ ctx, input }) => getJob(ctx.context, input)),
  cancel: procedure("training:write")
    .input(jobRef)
    .mutation(({ ctx, input }) => cancelJob(ctx.context, input)),
  logs: procedure("training:read")
    .input(readLogsInput)
    .query(({ ctx, input }) => readLogs(ctx.context, input)),
  experimentLogs: procedure("training:read")
    .input(readExperimentLogsInput)
    .query(({ ctx, input }) => readExperimentLogs(ctx.context, input)),
  /** What the jobs of an experiment write; ends when all of them are over. */
  followExperimentLogs: procedure("training:read")
    .input(experimentRef.extend({ lastEventId: z.string().max(500).nullish() }))
    .subscription(async function* ({ ctx, input, signal }) {
      const from = { experiment: input.experiment, cursor: input.lastEventId ?? undefined };
      for await (const found of followExperimentLogs(ctx.context, from, signal)) {
        if (found) yield tracked(found.cursor, found.items);
      }
    }),
  /** The log as it grows; ends after the last piece of a finished job. */
  followLogs: procedure("training:read")
    .input(followInput)
    .subscription(async function* ({ ctx, input, signal }) {
      const offset = input.lastEventId ?? input.offset;
      for await (const piece of followLogs(ctx.context, { job: input.job, offset }, signal)) {
        if (piece) yield tracked(String(piece.nextOffset), piece);
      }
    }),
});
