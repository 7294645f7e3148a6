import { NonRetriableError } from "inngest";
import {
  beginRollOut,
  failRollOut,
  loadVersion,
  switchTraffic,
  unloadIdleVersions,
} from "@/server/deployments";
import { AppError } from "@/server/kernel/errors";
import { rolloutRequested } from "../events";
import type { FunctionDeps } from "../function-deps";

/** Requests that were routed before the switch are answered within this time. */
const DRAIN = "5s";
const ACTOR = "roll-out";

/**
 * Brings a version into service: load, switch, drain, unload. Every step may run twice, so a worker
 * that dies anywhere leaves the old traffic table or the new one.
 */
export const rollOut = ({ client, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "deployments-roll-out",
      triggers: rolloutRequested,
      idempotency: "event.data.variantId",
      retries: 4,
      concurrency: [{ key: "event.data.deploymentId", limit: 1 }],
      onFailure: async ({ event, error }) => {
        const data = rolloutRequested.schema.parse(event.data.event.data);
        await failRollOut(jobContext(data.workspaceId, ACTOR), data, error.message);
      },
    },
    async ({ event, step }) => {
      const { data } = event;
      const ctx = () => jobContext(data.workspaceId, ACTOR);
      const begun = await step.run("begin", () => beginRollOut(ctx(), data));
      if (!begun.proceed) return { outcome: "superseded" };
      await step.run("load", () => stopWhenRefused(loadVersion(ctx(), data)));
      const { switched } = await step.run("switch", () => switchTraffic(ctx(), data));
      await step.sleep("drain", DRAIN);
      const { unloaded } = await step.run("unload", () =>
        unloadIdleVersions(ctx(), data.deploymentId),
      );
      return { outcome: switched ? "activated" : "superseded", unloaded };
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
