import type { Manifest } from "./manifest";
import { objectMeta } from "./names";
import { nodeContainer } from "./node-container";
import { podBasics } from "./node-pod";
import { nodeServiceAccount } from "./node-upkeep";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** KServe's webhooks know the container that answers by this name. */
const KSERVE_CONTAINER = "kserve-container";

interface InferenceService extends Manifest {
  spec: { predictor: object };
}

/**
 * The same nodes run by KServe in its Standard mode, which makes Deployment, Service and autoscaler
 * of its own. A predictor of containers and not of a model: without a storage address KServe takes
 * that for multi-model serving, and our node gets its models from the gateway.
 */
export function kserveManifests(workload: NodeWorkload, settings: ClusterSettings): Manifest[] {
  const { autoscaler, replicas } = workload;
  const metadata = objectMeta(workload, settings);
  const bounds = autoscaler
    ? {
        minReplicas: autoscaler.min,
        maxReplicas: autoscaler.max,
        scaleMetric: "cpu",
        scaleTarget: autoscaler.cpuPercent,
      }
    : { minReplicas: replicas ?? 1, maxReplicas: replicas ?? 1 };
  const service: InferenceService = {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        "serving.kserve.io/deploymentMode": "Standard",
        "serving.kserve.io/autoscalerClass": autoscaler ? "hpa" : "none",
      },
    },
    spec: {
      predictor: {
        ...bounds,
        labels: metadata.labels,
        deploymentStrategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
        },
        ...podBasics(workload, settings),
        containers: [nodeContainer(workload, settings, KSERVE_CONTAINER)],
      },
    },
  };
  return [nodeServiceAccount(workload, settings), service];
}
