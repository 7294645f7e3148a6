import { failJob, submitJob } from "@/server/training";
import { trainingRequested } from "../events";
import type { FunctionDeps } from "../function-deps";
import { plainly } from "./plainly";

/** A requested job goes into the queue, where priorities and slots decide when its trainer starts. */
export const submitTrainingJob = ({ client, jobContext, log }: FunctionDeps) =>
  client.createFunction(
    {
      id: "training-submit-job",
      triggers: trainingRequested,
      idempotency: "event.data.jobId",
      retries: 4,
      onFailure: async ({ event, error }) => {
        const { workspaceId, jobId } = trainingRequested.schema.parse(event.data.event.data);
        await failJob(jobContext(workspaceId, "training job"), { jobId, error: error.message });
      },
    },
    async ({ event, step }) => {
      const { jobId, workspaceId } = event.data;
      const ctx = jobContext(workspaceId, "training job");
      await step.run("submit", () => plainly(log, () => submitJob(ctx, { jobId })));
    },
  );
