import { type Inngest, NonRetriableError } from "inngest";
import {
  beginRollOut,
  failRollOut,
  loadVersion,
  type RollOut,
  switchTraffic,
  unloadIdleVersions,
} from "@/server/deployments";
import { ROLLOUT_REQUESTED } from "@/server/deployments/constants";
import { AppError } from "@/server/kernel/errors";
import type { Runtime } from "@/server/runtime";

/** Requests that were routed before the switch are answered within this time. */
const DRAIN = "5s";
const NAME = "deployments/roll-out";

interface Requested extends RollOut {
  workspaceId: string;
}

/**
 * Brings a version into service: load, switch, drain, unload. Every step may run twice, so a worker
 * that dies anywhere leaves the old traffic table or the new one.
 */
export function rollOut(client: Inngest, runtime: Runtime) {
  return client.createFunction(
    {
      id: "deployments-roll-out",
      name: NAME,
      triggers: { event: ROLLOUT_REQUESTED },
      retries: 4,
      concurrency: [{ key: "event.data.deploymentId", limit: 1 }],
      onFailure: async ({ event, error, step }) => {
        const data = event.data.event.data as Requested;
        await step.run("fail", () => fail(runtime, data, error.message));
      },
    },
    async ({ event, step }) => {
      const data = event.data as Requested;
      const ctx = () => runtime.jobContext(data.workspaceId, NAME);
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
}

function fail(runtime: Runtime, data: Requested, reason: string) {
  return failRollOut(runtime.jobContext(data.workspaceId, NAME), data, reason);
}

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
