import type { V1Deployment, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { objectMeta, selectorLabels } from "./names";
import { podTemplate } from "./node-pod";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** What an autoscaler and a rollout may be about. */
export type WorkloadTarget = { apiVersion: string; kind: string };
export const DEPLOYMENT_TARGET: WorkloadTarget = { apiVersion: "apps/v1", kind: "Deployment" };

/** How many pods, unless somebody else decides it: then the field is not ours to write. */
export const replicasOf = ({ replicas, autoscaler }: NodeWorkload) =>
  replicas === null || autoscaler ? {} : { replicas };

/** The pods, replaced one by one and never fewer than there were. */
export const nodeDeployment = (
  workload: NodeWorkload,
  settings: ClusterSettings,
): V1Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: objectMeta(workload, settings),
  spec: {
    ...replicasOf(workload),
    revisionHistoryLimit: 3,
    progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    selector: { matchLabels: selectorLabels(workload) },
    template: podTemplate(workload, settings),
  },
});

/** Seconds of load that must stay low before pods go, as Kubernetes has it by itself. */
const SCALE_DOWN_SECONDS = 300;

/** Keeps the processors of the pods at a share of what they asked for. */
export function nodeAutoscaler(
  workload: NodeWorkload,
  settings: ClusterSettings,
  target = DEPLOYMENT_TARGET,
): V2HorizontalPodAutoscaler | undefined {
  const { autoscaler } = workload;
  if (!autoscaler) return undefined;
  const metadata = objectMeta(workload, settings);
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      scaleTargetRef: { ...target, name: metadata.name },
      minReplicas: autoscaler.min,
      maxReplicas: autoscaler.max,
      metrics: [
        {
          type: "Resource",
          resource: {
            name: "cpu",
            target: { type: "Utilization", averageUtilization: autoscaler.cpuPercent },
          },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_SECONDS } },
    },
  };
}
