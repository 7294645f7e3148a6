import { NonRetriableError } from "inngest";
import {
  advanceRollOut,
  beginRollOut,
  convertVersion,
  failRollOut,
  loadVersion,
  unloadIdleVersions,
} from "@/server/deployments";
import { AppError } from "@/server/kernel/errors";
import { rolloutChanged, rolloutContinued, rolloutRequested } from "../events";
import type { FunctionDeps } from "../function-deps";

/** Requests that were routed before a switch are answered within this time. */
const DRAIN = "5s";
/** What a run looks at before it hands on to a fresh one: a run may have a thousand steps. */
const LOOKS_MAX = 300;
const ACTOR = "roll-out";

/**
 * Brings a version into service: load, then look again and again until the plan is through, drain,
 * unload. Each look is one transaction that may run twice, so a worker that dies anywhere leaves one
 * whole traffic table, and the next one goes on.
 */
export const rollOut = ({ client, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "deployments-roll-out",
      triggers: [rolloutRequested, rolloutContinued],
      retries: 4,
      concurrency: [{ key: "event.data.deploymentId", limit: 1 }],
      onFailure: async ({ event, error, step }) => {
        const data = rolloutRequested.schema.parse(event.data.event.data);
        const { goesOn } = await step.run("fail", () =>
          failRollOut(jobContext(data.workspaceId, ACTOR), data, error.message),
        );
        if (!goesOn) return;
        // Traffic is split and somebody has to watch it.
        await step.sleep("breathe", "30s");
        await step.sendEvent("go-on", rolloutContinued.create(data));
      },
    },
    async ({ event, step }) => {
      const { data } = event;
      const ctx = () => jobContext(data.workspaceId, ACTOR);
      const begun = await step.run("begin", () => beginRollOut(ctx(), data));
      if (!begun.proceed) return { outcome: "nothing to do" };
      await step.run("convert", () => stopWhenRefused(convertVersion(ctx(), data)));
      await step.run("load", () => stopWhenRefused(loadVersion(ctx(), data)));
      let isOver = false;
      for (let look = 0; look < LOOKS_MAX && !isOver; look++) {
        const progress = await step.run(`look-${look}`, () => advanceRollOut(ctx(), data));
        isOver = progress.isOver;
        if (isOver) break;
        await step.waitForEvent(`wait-${look}`, {
          event: rolloutChanged,
          timeout: `${progress.waitSeconds}s`,
          if: "async.data.variantId == event.data.variantId",
        });
      }
      if (!isOver) {
        await step.sendEvent("hand-on", rolloutContinued.create(data));
        return { outcome: "handed on" };
      }
      await step.sleep("drain", DRAIN);
      return step.run("unload", () => unloadIdleVersions(ctx(), data.deploymentId));
    },
  );

/** What a node refuses it will refuse again; what is away may come back. */
async function stopWhenRefused<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof AppError && error.code !== "unavailable") {
      throw new NonRetriableError(error.message, { cause: error });
    }
    throw error;
  }
}
