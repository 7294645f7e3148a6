import { env } from "@/env";
import type { Log } from "@/server/kernel/log";
import type { ClusterApiOptions } from "./cluster/cluster-api";
import { connectToCluster } from "./cluster/connect";
import { clusterSettings } from "./cluster-settings";
import { KubernetesBackend } from "./kubernetes-backend";

/** The backend of this process's settings. Throws EnvError for a setting that is wrong. */
export function openKubernetesBackend(
  log: Pick<Log, "info" | "warn">,
  patience?: ClusterApiOptions,
): KubernetesBackend {
  const settings = env();
  return new KubernetesBackend({
    connect: () => connectToCluster(settings.KUBECONFIG, patience),
    settings: clusterSettings(settings),
    log,
    autoscaler: settings.KUBERNETES_AUTOSCALER === "hpa",
  });
}
