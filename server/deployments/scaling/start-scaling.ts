import type { Runtime } from "@/server/runtime";
import type { ScalingBackendName } from "../constants";
import { Autoscaler } from "./autoscaler";
import { type BackendOptions, openScalingBackend } from "./open-backend";

/** Decides on replicas in this process, where no other one does. */
export function startScaling(
  runtime: Pick<Runtime, "db" | "log" | "jobContext" | "ports">,
  options: Omit<BackendOptions, "runtime"> & { backend: ScalingBackendName; lookMs?: number },
): Autoscaler {
  const { db, log, jobContext } = runtime;
  const pace = options.lookMs === undefined ? {} : { lookMs: options.lookMs };
  const backend = openScalingBackend(options.backend, { ...options, runtime });
  runtime.ports.ownsReplicas = backend.ownsNodes;
  return new Autoscaler({ db, jobContext, backend, log, ...pace }).start();
}
