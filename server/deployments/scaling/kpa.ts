/** Knative's defaults: https://knative.dev/docs/serving/autoscaling/kpa-specific/ */
export const KPA = {
  /** Of the target; the rest is room for what comes before another replica is ready. */
  targetUtilization: 0.7,
  /** Times the ready replicas that sudden load must want. */
  panicThreshold: 2,
  maxScaleUpRate: 1_000,
  maxScaleDownRate: 2,
} as const;

/** Load over the stable window and over the tenth of it that sudden load is seen in. */
export interface KpaLoad {
  stable: number;
  panic: number;
  /** Replicas that answer. */
  ready: number;
}

export interface KpaRule {
  /** What is aimed at a replica, in the unit of the load; above 0. */
  targetValue: number;
  stableWindowMs: number;
  panicThreshold: number;
  maxScaleUpRate: number;
  maxScaleDownRate: number;
}

/** What is remembered from one decision to the next. */
export interface PanicState {
  /** When the panic began or went on last; null outside of one. */
  sinceMs: number | null;
  /** The most replicas wanted in it. */
  replicas: number;
}

/**
 * How many replicas the load wants, by the formula of the Knative Pod Autoscaler
 * (knative/serving, pkg/autoscaler/scaling/autoscaler.go). Pure; `nowMs` is any clock that `panic`
 * was told by too. 0 for no load.
 */
export function kpa(
  load: KpaLoad,
  rule: KpaRule,
  panic: PanicState,
  nowMs: number,
): { desired: number; panic: PanicState } {
  const ready = Math.max(1, load.ready);
  const most = Math.ceil(rule.maxScaleUpRate * ready);
  const least = Math.floor(ready / rule.maxScaleDownRate);
  const wantedBy = (value: number) => Math.ceil(value / rule.targetValue);
  const bounded = (value: number) => Math.min(Math.max(wantedBy(value), least), most);
  const stable = bounded(load.stable);
  const isSudden = wantedBy(load.panic) / ready >= rule.panicThreshold;
  const isOver = panic.sinceMs === null || panic.sinceMs + rule.stableWindowMs < nowMs;
  if (!isSudden && isOver) return { desired: stable, panic: { sinceMs: null, replicas: 0 } };
  // In a panic replicas are never given up.
  const desired = Math.max(panic.replicas, stable, bounded(load.panic));
  return { desired, panic: { sinceMs: isSudden ? nowMs : panic.sinceMs, replicas: desired } };
}
