import type { Reading } from "../analysis/judge";
import type { RollOutPlan } from "./plan";

/** What a look at a roll-out leads to. */
export type Decision =
  | { action: "wait"; seconds: number }
  | { action: "next" }
  | { action: "promote"; reason: string }
  | { action: "await"; reason: string }
  | { action: "pause"; reason: string }
  | { action: "roll_back"; reason: string };

export interface Standing {
  state: "progressing" | "paused" | "awaiting_promotion";
  step: number;
  /** Milliseconds until the step has baked; negative when it has. */
  leftMs: number;
  /** Of this look; empty where the analysis is off. */
  readings: readonly Reading[];
}

const LOOK_SECONDS_MIN = 1;
const LOOK_SECONDS_MAX = 30;
/** How often a roll-out that stands still is watched. */
const STILL_SECONDS = 60;

/** Ten looks a step, within bounds. */
export const lookSeconds = (bakeSeconds: number): number =>
  Math.min(LOOK_SECONDS_MAX, Math.max(LOOK_SECONDS_MIN, Math.ceil(bakeSeconds / 10)));

/** The next move of a roll-out. A version that is found worse is taken back whatever the state. */
export function decide(plan: RollOutPlan, standing: Standing): Decision {
  const { state, step, leftMs, readings } = standing;
  const failed = readings.find((one) => one.verdict === "fail");
  if (failed) return { action: "roll_back", reason: failed.message };
  if (state !== "progressing") return { action: "wait", seconds: STILL_SECONDS };
  const look = lookSeconds(plan.steps[step]?.bakeSeconds ?? 0);
  if (leftMs > 0) return { action: "wait", seconds: Math.min(look, Math.ceil(leftMs / 1000)) };
  const held = readings.filter((one) => one.verdict === "hold");
  const drifted = held.find((one) => one.metric === "outputs");
  if (drifted) return { action: "pause", reason: `${drifted.message} Somebody should look.` };
  const missing = held[0];
  if (missing) return onTooFew(plan, missing.message, leftMs, look, step);
  return onward(plan, step, "Every step passed.");
}

function onTooFew(
  plan: RollOutPlan,
  message: string,
  leftMs: number,
  look: number,
  step: number,
): Decision {
  const { maxWaitSeconds, onTooFewRequests } = plan.analysis;
  if (-leftMs < maxWaitSeconds * 1000) return { action: "wait", seconds: look };
  if (onTooFewRequests === "promote") {
    return onward(plan, step, "Too few requests to judge; the plan says to go on.");
  }
  if (onTooFewRequests === "rollback") {
    return { action: "roll_back", reason: `Too few requests to judge. ${message}` };
  }
  return { action: "pause", reason: `Too few requests to judge. ${message}` };
}

function onward(plan: RollOutPlan, step: number, reason: string): Decision {
  if (step + 1 < plan.steps.length) return { action: "next" };
  return plan.promotion === "automatic"
    ? { action: "promote", reason }
    : { action: "await", reason: `${reason} Somebody decides whether it takes all traffic.` };
}
