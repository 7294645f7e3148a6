import type { V1PodSpec, V1PodTemplateSpec, V1Toleration } from "@kubernetes/client-node";
import { NAME_ANNOTATION } from "../constants";
import { objectLabels, objectName, selectorLabels } from "./names";
import { nodeContainer } from "./node-container";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** Drain, the node's own nine seconds to end, and room, seconds. */
const GRACE_SECONDS = 30;
/** Machines with such processors commonly repel what does not ask for one. */
const GPU_TOLERATION: V1Toleration = {
  key: "nvidia.com/gpu",
  operator: "Exists",
  effect: "NoSchedule",
};

/** The template of a workload's pods. */
export const podTemplate = (
  workload: NodeWorkload,
  settings: ClusterSettings,
): V1PodTemplateSpec => ({
  metadata: {
    labels: objectLabels(workload, settings),
    annotations: { [NAME_ANNOTATION]: workload.name },
  },
  spec: {
    ...podBasics(workload, settings),
    containers: [nodeContainer(workload, settings)],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selectorLabels(workload) },
      },
    ],
  },
});

/** All of a pod but its containers, as the restricted Pod Security Standard wants it. */
export function podBasics(
  workload: NodeWorkload,
  settings: ClusterSettings,
): Omit<V1PodSpec, "containers"> {
  const { machineSelector, tolerations: own } = settings;
  const tolerations = [...own, ...(workload.resources.gpus > 0 ? [GPU_TOLERATION] : [])];
  return {
    serviceAccountName: objectName(workload),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    ...(Object.keys(machineSelector).length > 0 && { nodeSelector: { ...machineSelector } }),
    ...(tolerations.length > 0 && { tolerations }),
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }],
  };
}
