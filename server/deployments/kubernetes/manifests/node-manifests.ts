import type { Manifest } from "./manifest";
import { nodeNetworkPolicy, nodeService } from "./node-network";
import { nodeDisruptionBudget, nodePodMonitor, nodeServiceAccount } from "./node-upkeep";
import { nodeAutoscaler, nodeDeployment } from "./node-workloads";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** Every object that runs a deployment's nodes, in the order they are made. */
export const nodeManifests = (workload: NodeWorkload, settings: ClusterSettings): Manifest[] =>
  [
    nodeServiceAccount(workload, settings),
    nodeNetworkPolicy(workload, settings),
    nodeService(workload, settings),
    nodeDeployment(workload, settings),
    nodeAutoscaler(workload, settings),
    nodeDisruptionBudget(workload, settings),
    nodePodMonitor(workload, settings),
  ].filter((one): one is NonNullable<typeof one> => one !== undefined);
