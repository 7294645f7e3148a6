import type { NodePool } from "../nodes/node-pool";
import type { DesiredScale, ScaledRef, ScaleStatus, ScalingBackend } from "./backend";
import { modelsOf } from "./scaled-models";

/** Uses the nodes that are there and starts none. */
export function createFixedBackend(pool: Pick<NodePool, "fitting">): ScalingBackend {
  const wanted = new Map<string, DesiredScale>();
  const nodesFor = (desired: Pick<DesiredScale, "nodeSelector" | "versions">) =>
    Math.min(
      ...modelsOf(desired).map(
        (model) => pool.fitting(model).filter(({ isUsable }) => isUsable).length,
      ),
    );
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
