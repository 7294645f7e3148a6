import type { V1DeploymentSpec } from "@kubernetes/client-node";
import type { Manifest } from "./manifest";
import { nodeNetworkPolicy, nodeService } from "./node-network";
import { nodeDisruptionBudget, nodePodMonitor, nodeServiceAccount } from "./node-upkeep";
import { nodeAutoscaler, nodeDeployment } from "./node-workloads";
import type { ClusterSettings, NodeWorkload } from "./workload";

const TARGET = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" };

interface Rollout extends Manifest {
  spec: Pick<V1DeploymentSpec, "replicas" | "selector" | "template"> & {
    revisionHistoryLimit: number;
    strategy: { canary: object };
  };
}

/**
 * The same nodes with an Argo Rollout in place of the Deployment. It moves pods, a fifth first, when
 * the node itself changes; which share of requests a model version gets the gateway decides.
 */
export function argoManifests(workload: NodeWorkload, settings: ClusterSettings): Manifest[] {
  const { metadata, spec } = nodeDeployment(workload, settings);
  if (!spec) return [];
  const { replicas, selector, template } = spec;
  const rollout: Rollout = {
    ...TARGET,
    metadata,
    spec: {
      ...(replicas !== undefined && { replicas }),
      revisionHistoryLimit: 3,
      selector,
      template,
      strategy: {
        canary: {
          maxSurge: 1,
          maxUnavailable: 0,
          steps: [{ setWeight: 20 }, { pause: { duration: "60s" } }, { setWeight: 50 }],
        },
      },
    },
  };
  return [
    nodeServiceAccount(workload, settings),
    nodeNetworkPolicy(workload, settings),
    nodeService(workload, settings),
    rollout,
    nodeAutoscaler(workload, settings, TARGET),
    nodeDisruptionBudget(workload, settings),
    nodePodMonitor(workload, settings),
  ].filter((one): one is NonNullable<typeof one> => one !== undefined);
}
