import type { DeploymentRow } from "../internal";
import type { ScalingSettings } from "../settings/scaling";

type Replicas = Pick<DeploymentRow, "minReplicas" | "maxReplicas" | "scaledReplicas">;

/**
 * Replicas of a deployment whose scaling settings were changed: bounds hold at once, and one that no
 * longer scales by itself keeps what it has, at least one. Pure.
 */
export function replicasAfter(before: Replicas, scaling: ScalingSettings): Replicas {
  const { scaledReplicas, maxReplicas } = before;
  if (scaling.isEnabled) {
    const { minReplicas: min, maxReplicas: max } = scaling;
    const now = scaledReplicas ?? maxReplicas;
    return {
      minReplicas: min,
      maxReplicas: max,
      scaledReplicas: Math.min(Math.max(now, min), max),
    };
  }
  if (scaledReplicas === null) return before;
  const kept = Math.max(1, scaledReplicas);
  return { minReplicas: kept, maxReplicas: kept, scaledReplicas: null };
}
