import type { DeploymentRow } from "../internal";
import type { ScalingSettings } from "../settings/scaling";

type Replicas = Pick<DeploymentRow, "minReplicas" | "maxReplicas" | "scaledReplicas">;

/**
 * Replicas of a deployment whose scaling settings were changed: bounds hold at once, and one that no
 * longer scales by itself keeps what it has, at least one. Pure.
 */
export function replicasAfter(before: Replicas, scaling: ScalingSettings): Replicas {
  const { minReplicas, maxReplicas, scaledReplicas } = before;
  if (scaling.isEnabled) {
    const { minReplicas: min, maxReplicas: max } = scaling;
    const now = scaledReplicas ?? maxReplicas;
    return {
      minReplicas: min,
      maxReplicas: max,
      scaledReplicas: Math.min(Math.max(now, min), max),
    };
  }
  // Not `before` itself: it may be a whole row, which would be written back as it was.
  if (scaledReplicas === null) return { minReplicas, maxReplicas, scaledReplicas };
  const kept = Math.max(1, scaledReplicas);
  return { minReplicas: kept, maxReplicas: kept, scaledReplicas: null };
}
