import { failJob, getOutcome, registerResult } from "@/server/training";
import { trainingFinished } from "../events";
import type { FunctionDeps } from "../function-deps";
import { plainly } from "./plainly";

/**
 * A finished trainer's version is registered. The queue tells of the end by an event of its own,
 * not to a function that waits: a wait hears nothing of what came before it began, or between two.
 */
export const registerTrainedVersion = ({ client, jobContext, log }: FunctionDeps) =>
  client.createFunction(
    {
      id: "training-register-version",
      triggers: trainingFinished,
      idempotency: "event.data.jobId",
      retries: 4,
      onFailure: async ({ event, error }) => {
        const { workspaceId, jobId } = trainingFinished.schema.parse(event.data.event.data);
        await failJob(jobContext(workspaceId, "training job"), { jobId, error: error.message });
      },
    },
    async ({ event, step }) => {
      const { jobId, workspaceId } = event.data;
      const ctx = jobContext(workspaceId, "training job");
      return step.run("register", () =>
        plainly(log, async () =>
          // A job that failed or was cancelled has nothing to register.
          (await getOutcome(ctx, { jobId })) === "trained"
            ? registerResult(ctx, { jobId })
            : { versionId: null },
        ),
      );
    },
  );
