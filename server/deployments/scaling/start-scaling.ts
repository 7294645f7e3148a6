import type { Runtime } from "@/server/runtime";
import type { ScalingBackendName } from "../constants";
import { Autoscaler } from "./autoscaler";
import { type BackendOptions, openScalingBackend } from "./open-backend";

/** Decides on replicas in this process, where no other one does. */
export function startScaling(
  runtime: Pick<Runtime, "db" | "log" | "jobContext">,
  options: Omit<BackendOptions, "runtime"> & { backend: ScalingBackendName },
): Autoscaler {
  const { db, log, jobContext } = runtime;
  const backend = openScalingBackend(options.backend, { ...options, runtime });
  return new Autoscaler({ db, jobContext, backend, log }).start();
}
