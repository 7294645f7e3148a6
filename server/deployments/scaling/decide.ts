import type { ScalingSettings } from "../settings/scaling";
import { KPA, kpa, type PanicState } from "./kpa";

/** What is known of a deployment when its replicas are decided on. */
export interface ScalingFacts {
  /** What it has now. */
  current: number;
  /** In the unit of its metric, over both windows; 0 where nothing was measured. */
  stable: number;
  panic: number;
  /** Replicas that answer. */
  ready: number;
  /** Since its last request, or since somebody changed it. */
  idleSeconds: number;
  isRollingOut: boolean;
  /** The most replicas that can be had. */
  capacity: number;
  panicState: PanicState;
}

export interface Decision {
  replicas: number;
  panicState: PanicState;
  /** In words, with the figures; of interest where replicas change. */
  reason: string;
}

const CALM: PanicState = { sinceMs: null, replicas: 0 };

/**
 * How many replicas a deployment should have: as many as the load wants within its bounds and what
 * can be had, none after a time without requests where the settings allow that, at least one while a
 * version is rolled out. An idle one stays so until requests come. Pure.
 */
export function decideReplicas(
  facts: ScalingFacts,
  settings: ScalingSettings,
  nowMs: number,
): Decision {
  const { current, stable, panic, ready, idleSeconds, isRollingOut } = facts;
  const { minReplicas, maxReplicas, target, stableWindowSeconds } = settings;
  const hasLoad = stable > 0 || panic > 0;
  if (minReplicas === 0 && !hasLoad && !isRollingOut) {
    if (current === 0) return { replicas: 0, panicState: CALM, reason: "It is idle." };
    if (idleSeconds >= settings.scaleToZeroAfterSeconds) {
      return { replicas: 0, panicState: CALM, reason: `No request for ${inWords(idleSeconds)}.` };
    }
  }
  const targetValue = target * KPA.targetUtilization;
  const rule = { ...KPA, targetValue, stableWindowMs: stableWindowSeconds * 1_000 };
  const wanted = kpa({ stable, panic, ready }, rule, facts.panicState, nowMs);
  const least = Math.max(1, minReplicas);
  const most = Math.max(least, Math.min(maxReplicas, facts.capacity));
  const replicas = Math.min(Math.max(wanted.desired, least), most);
  const isBound = wanted.desired > replicas && facts.capacity < maxReplicas;
  return {
    replicas,
    panicState: { ...wanted.panic, replicas: Math.min(wanted.panic.replicas, most) },
    reason:
      whyOf(facts, settings, wanted.panic.sinceMs !== null) +
      (isBound ? ` ${wanted.desired} would be wanted, but there are no more nodes.` : ""),
  };
}

function whyOf(
  { stable, panic, isRollingOut }: ScalingFacts,
  { metric, target, stableWindowSeconds }: ScalingSettings,
  isPanic: boolean,
): string {
  if (stable === 0 && panic === 0) return isRollingOut ? "A version is rolled out." : "No load.";
  const isSudden = isPanic && panic > stable;
  const seconds = isSudden ? Math.max(6, stableWindowSeconds / 10) : stableWindowSeconds;
  const unit = metric === "rps" ? "requests a second" : "requests at once";
  const aimed = figure(target * KPA.targetUtilization);
  return `${figure(isSudden ? panic : stable)} ${unit} over ${seconds} s, ${aimed} aimed at a replica.`;
}

const figure = (value: number): string =>
  value.toLocaleString("en-US", { maximumSignificantDigits: 3 });

function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3_600)} hours`;
}
