import { procedure, router } from "@/server/trpc/init";
import { cancelBatchJob } from "./cancel-job";
import { createBatchJob } from "./create-job";
import { deleteBatchJob } from "./delete-job";
import { getBatchJob, previewBatchResult } from "./get-job";
import { listBatchErrors } from "./list-errors";
import { listBatchJobs } from "./list-jobs";
import { resumeBatchJob } from "./resume-job";
import { saveBatchResult } from "./save-result";
import {
  batchJobRef,
  createBatchJobInput,
  listBatchErrorsInput,
  listBatchJobsInput,
  saveResultInput,
} from "./schemas";

export const batchJobsRouter = router({
  list: procedure("predictions:read")
    .input(listBatchJobsInput)
    .query(({ ctx, input }) => listBatchJobs(ctx.context, input)),
  get: procedure("predictions:read")
    .input(batchJobRef)
    .query(({ ctx, input }) => getBatchJob(ctx.context, input)),
  errors: procedure("predictions:read")
    .input(listBatchErrorsInput)
    .query(({ ctx, input }) => listBatchErrors(ctx.context, input)),
  preview: procedure("predictions:read")
    .input(batchJobRef)
    .query(({ ctx, input }) => previewBatchResult(ctx.context, input)),
  create: procedure("predictions:create")
    .input(createBatchJobInput)
    .mutation(({ ctx, input }) => createBatchJob(ctx.context, input)),
  cancel: procedure("predictions:create")
    .input(batchJobRef)
    .mutation(({ ctx, input }) => cancelBatchJob(ctx.context, input)),
  resume: procedure("predictions:create")
    .input(batchJobRef)
    .mutation(({ ctx, input }) => resumeBatchJob(ctx.context, input)),
  saveAsDataset: procedure("datasets:write")
    .input(saveResultInput)
    .mutation(({ ctx, input }) => saveBatchResult(ctx.context, input)),
  delete: procedure("predictions:create")
    .input(batchJobRef)
    .mutation(({ ctx, input }) => deleteBatchJob(ctx.context, input)),
});
