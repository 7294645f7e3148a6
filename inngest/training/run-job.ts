import { NonRetriableError } from "inngest";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import { failJob, getOutcome, registerResult, submitJob } from "@/server/training";
import { trainingCancelled, trainingFinished, trainingRequested } from "../events";
import type { FunctionDeps } from "../functions";

/**
 * Waits between two looks at a job, after an event that tells of its end was missed. Together they
 * outlast the longest training that three attempts and a full queue make.
 */
const PATIENCE = ["15s", "1m", "2m", "5m", "10m", ...Array.from({ length: 300 }, () => "30m")];

/** From a requested job to a registered version: submit, wait for the trainer, register. */
export const runTrainingJob = ({ client, jobContext, log }: FunctionDeps) =>
  client.createFunction(
    {
      id: "training-run-job",
      triggers: trainingRequested,
      idempotency: "event.data.jobId",
      cancelOn: [{ event: trainingCancelled.name, if: "async.data.jobId == event.data.jobId" }],
      retries: 4,
      onFailure: async ({ event, error }) => {
        const { workspaceId, jobId } = trainingRequested.schema.parse(event.data.event.data);
        await failJob(jobContext(workspaceId, "training job"), { jobId, error: error.message });
      },
    },
    async ({ event, step }) => {
      const { jobId, workspaceId } = event.data;
      const ctx = () => jobContext(workspaceId, "training job");
      await step.run("submit", () => plainly(log, () => submitJob(ctx(), { jobId })));
      let outcome = "pending";
      for (const [look, timeout] of PATIENCE.entries()) {
        await step.waitForEvent(`finished-${look}`, {
          event: trainingFinished,
          if: "async.data.jobId == event.data.jobId",
          timeout,
        });
        // An event that came before the wait began is never seen, so the job itself is asked.
        outcome = await step.run(`look-${look}`, () => getOutcome(ctx(), { jobId }));
        if (outcome !== "pending") break;
      }
      if (outcome === "over") return { jobId, versionId: null };
      if (outcome === "pending") throw new NonRetriableError("The training did not end in time.");
      const version = await step.run("register", () =>
        plainly(log, () => registerResult(ctx(), { jobId })),
      );
      return { jobId, versionId: version.versionId };
    },
  );

/**
 * What trying again cannot mend is not tried again. Anything else is, and says nothing of its
 * inside: the message may end on the job, where people read it.
 */
async function plainly<T>(log: Log, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof AppError) throw new NonRetriableError(error.message);
    log.warn({ err: error }, "a step of a training job failed");
    throw new Error("The version could not be registered: something broke on our side.");
  }
}
