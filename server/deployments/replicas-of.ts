/** Weights are whole percent, so a share may be this much less or more than the replicas it means. */
const ROUNDED_BY = 0.5;

/**
 * Nodes that should hold a variant: as many as the deployment wants, or its share of them in percent
 * while a roll-out moves replica by replica; at least one, and enough for that share of the traffic.
 * 0 while the deployment is idle. Pure.
 */
export const replicasOf = (wanted: number, share: number | null): number => {
  if (share === null || wanted === 0) return wanted;
  return Math.max(1, Math.ceil((wanted * (share - ROUNDED_BY)) / 100));
};
