import type { V1PodDisruptionBudget, V1ServiceAccount } from "@kubernetes/client-node";
import type { Manifest } from "./manifest";
import { objectMeta, selectorLabels } from "./names";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** Who the pods are; nobody to the API server. */
export const nodeServiceAccount = (
  workload: NodeWorkload,
  settings: ClusterSettings,
): V1ServiceAccount => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: objectMeta(workload, settings),
  automountServiceAccountToken: false,
});

/** Machines may be emptied one pod at a time; a pod that is not well stands in nobody's way. */
export const nodeDisruptionBudget = (
  workload: NodeWorkload,
  settings: ClusterSettings,
): V1PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: objectMeta(workload, settings),
  spec: {
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: { matchLabels: selectorLabels(workload) },
  },
});

interface PodMonitor extends Manifest {
  spec: object;
}

/** Has the Prometheus operator scrape the nodes, with their token. */
export function nodePodMonitor(
  workload: NodeWorkload,
  settings: ClusterSettings,
): PodMonitor | undefined {
  if (!settings.podMonitor) return undefined;
  const credentials = { name: settings.secretName, key: "NODE_TOKEN" };
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: objectMeta(workload, settings),
    spec: {
      selector: { matchLabels: selectorLabels(workload) },
      podMetricsEndpoints: [
        {
          port: "http",
          path: "/metrics",
          interval: "30s",
          authorization: { type: "Bearer", credentials },
        },
      ],
    },
  };
}
