import { NonRetriableError } from "inngest";
import { AppError } from "@/server/kernel/errors";
import { beginBatchRun, failBatchRun, runBatchTurn } from "@/server/predictions";
import { batchJobContinued, batchJobRequested } from "../events";
import type { FunctionDeps } from "../function-deps";

const ACTOR = "batch job";
/** What a run works before it hands on to a fresh one: a run may have a thousand steps. */
const TURNS_MAX = 300;

/**
 * Works through a batch job turn by turn. A turn that is killed is done again from its last
 * checkpoint, so a step may be tried often.
 */
export const runBatchJob = ({ client, jobContext, log }: FunctionDeps) =>
  client.createFunction(
    {
      id: "predictions-run-batch-job",
      triggers: [batchJobRequested, batchJobContinued],
      retries: 10,
      concurrency: [{ key: "event.data.jobId", limit: 1 }],
      onFailure: async ({ event, error }) => {
        const { workspaceId, jobId, attempt } = batchJobContinued.schema.parse(
          event.data.event.data,
        );
        const ctx = jobContext(workspaceId, ACTOR);
        await failBatchRun(ctx, { jobId, attempt, error: error.message });
      },
    },
    async ({ event, step, runId }) => {
      const { workspaceId, jobId, attempt, takesOver } = batchJobContinued.schema.parse(event.data);
      const ctx = () => jobContext(workspaceId, ACTOR);
      const run = { jobId, attempt };
      const begun = await step.run("begin", () =>
        beginBatchRun(ctx(), { ...run, ref: runId, takesOver }),
      );
      if (!begun) return { outcome: "nothing to do" };
      for (let turn = 0; turn < TURNS_MAX; turn++) {
        const { isOver, waitSeconds } = await step.run(`turn-${turn}`, async () => {
          try {
            return await runBatchTurn(ctx(), run);
          } catch (error) {
            if (error instanceof AppError && error.code !== "unavailable") {
              throw new NonRetriableError(error.message);
            }
            log.warn({ err: error, jobId }, "a turn of a batch job failed");
            // The message may end on the job, where people read it.
            throw new Error("The batch job broke on our side. Resume it to try again.");
          }
        });
        if (isOver) return { outcome: "over" };
        if (waitSeconds > 0) await step.sleep(`wait-${turn}`, `${waitSeconds}s`);
      }
      const next = { workspaceId, ...run, takesOver: runId };
      await step.sendEvent("hand-on", batchJobContinued.create(next));
      return { outcome: "handed on" };
    },
  );
