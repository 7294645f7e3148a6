import { env } from "@/env";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import type { PodWatcher } from "@/server/kernel/ports";
import type { ScalingBackend } from "../scaling/backend";
import { openKubernetesBackend } from "./open-kubernetes";

/** People wait for the answer, and it is asked again in a few seconds. */
const PATIENCE = { attempts: 1, timeoutMs: 2_000 };

/** How deployments' pods do, for pages; undefined where this installation's nodes are no pods. */
export function openPodWatcher(log: Pick<Log, "info" | "warn">): PodWatcher | undefined {
  if (env().SCALING_BACKEND !== "kubernetes") return undefined;
  return podWatcherOf(openKubernetesBackend(log, PATIENCE));
}

/** A cluster that cannot be asked is an answer as well: why it cannot. */
export const podWatcherOf = (backend: Pick<ScalingBackend, "status">): PodWatcher => ({
  podsOf: async (ref) => {
    try {
      return await backend.status(ref);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { replicas: 0, ready: 0, message: error.message };
    }
  },
});
