import { NonRetriableError } from "inngest";
import { AppError } from "@/server/kernel/errors";
import {
  failBenchmark,
  finishBenchmark,
  getBenchmark,
  runBenchmarkVersion,
} from "@/server/registry";
import { benchmarkRequested } from "../events";
import type { FunctionDeps } from "../function-deps";

const ACTOR = "benchmark";

/** Measures the versions of a benchmark one after the other; one at a time in a workspace. */
export const runBenchmark = ({ client, jobContext, log }: FunctionDeps) =>
  client.createFunction(
    {
      id: "registry-run-benchmark",
      triggers: benchmarkRequested,
      idempotency: "event.data.benchmarkId",
      retries: 4,
      concurrency: [{ key: "event.data.workspaceId", limit: 1 }],
      onFailure: async ({ event, error }) => {
        const { workspaceId, benchmarkId } = benchmarkRequested.schema.parse(event.data.event.data);
        await failBenchmark(jobContext(workspaceId, ACTOR), { benchmarkId, error: error.message });
      },
    },
    async ({ event, step }) => {
      const { workspaceId, benchmarkId } = event.data;
      const ctx = () => jobContext(workspaceId, ACTOR);
      const versionIds = await step.run("read", async () => {
        const { results } = await getBenchmark(ctx(), { benchmark: benchmarkId });
        return results.map(({ versionId }) => versionId);
      });
      const count = versionIds.length;
      for (const [index, versionId] of versionIds.entries()) {
        const goesOn = await step.run(`measure-${versionId}`, async () => {
          try {
            return await runBenchmarkVersion(ctx(), { benchmarkId, versionId, index, count });
          } catch (error) {
            if (error instanceof AppError && error.code === "unavailable") throw error;
            if (error instanceof AppError) throw new NonRetriableError(error.message);
            log.warn({ err: error, benchmarkId }, "a version could not be measured");
            // The message may end on the benchmark, where people read it.
            throw new Error("The version could not be measured: something broke on our side.");
          }
        });
        if (!goesOn) return { outcome: "stopped" };
      }
      await step.run("finish", () => finishBenchmark(ctx(), benchmarkId));
      return { outcome: "measured" };
    },
  );
