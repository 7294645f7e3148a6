import type { TrainerExit } from "../backends/backend";
import { ATTEMPTS_MAX, EXIT } from "../constants";
import type { AttemptEnd } from "./end-attempt";

export interface ExitFacts {
  exit: TrainerExit;
  /** The message the trainer left on its run; null when it left none. */
  told: string | null;
  attempt: number;
  timeLimitMs: number;
  /** How long to wait before the next start, by the attempt that failed (from 1). */
  retryDelayMs: (attempt: number) => number;
}

/** Decides by the way a trainer ended what becomes of its job. Pure; see the training contract. */
export function judgeExit({
  exit,
  told,
  attempt,
  timeLimitMs,
  retryDelayMs,
}: ExitFacts): AttemptEnd {
  if (exit.reason === "exit" && exit.exitCode === 0) return { kind: "trained" };
  if (exit.reason === "time_limit") {
    const hours = Math.round((timeLimitMs / 3_600_000) * 100) / 100;
    return { kind: "failed", error: `The training took longer than the limit of ${hours} hours.` };
  }
  const message = told ?? exit.lastError;
  if (exit.exitCode === EXIT.badInput) {
    return { kind: "failed", error: message || "The trainer refused the data or the settings." };
  }
  // A trainer that could still say why it failed would fail the same way again.
  if (exit.exitCode === 1 && told) return { kind: "failed", error: told };
  const what = wordsFor(exit);
  if (attempt >= ATTEMPTS_MAX) {
    return { kind: "failed", error: `${what} in each of ${attempt} attempts.${last(exit)}` };
  }
  const delayMs = retryDelayMs(attempt);
  return {
    kind: "retry",
    delayMs,
    message: `${what}.${last(exit)} Attempt ${attempt + 1} of ${ATTEMPTS_MAX} follows in ${Math.round(delayMs / 1000)} s.`,
  };
}

const last = (exit: TrainerExit): string =>
  exit.lastError ? ` Its last words: ${exit.lastError}` : "";

function wordsFor(exit: TrainerExit): string {
  if (exit.reason === "lost") return "The trainer disappeared";
  if (exit.signal === "SIGKILL") {
    return "The trainer was killed by signal SIGKILL, often because memory ran out";
  }
  if (exit.signal) return `The trainer was ended by signal ${exit.signal}`;
  if (exit.exitCode === EXIT.retry) return "The trainer asked to be tried again";
  return `The trainer crashed with exit code ${exit.exitCode}`;
}
