import type { NodePool } from "../nodes/node-pool";
import type { DesiredScale, ScaledRef, ScaleStatus, ScalingBackend } from "./backend";

/** Uses the nodes that are there and starts none. */
export function createFixedBackend(pool: Pick<NodePool, "fitting">): ScalingBackend {
  const wanted = new Map<string, DesiredScale>();
  const nodesFor = ({ nodeSelector }: Pick<DesiredScale, "nodeSelector">) =>
    pool.fitting(nodeSelector).filter(({ isUsable }) => isUsable).length;
  return {
    name: "fixed",
    ownsNodes: false,
    capacity: nodesFor,
    apply: async (desired) => {
      wanted.set(desired.deploymentId, desired);
    },
    status: async ({ deploymentId }: ScaledRef): Promise<ScaleStatus | null> => {
      const desired = wanted.get(deploymentId);
      if (!desired) return null;
      const ready = Math.min(desired.replicas, nodesFor(desired));
      const message = ready < desired.replicas ? "There are no more nodes that fit." : null;
      return { replicas: ready, ready, message };
    },
    remove: async ({ deploymentId }) => {
      wanted.delete(deploymentId);
    },
    close: async () => wanted.clear(),
  };
}
