import { BrokenCircuitError } from "cockatiel";
import { CallerGone } from "@/server/kernel/departure";
import { AppError } from "@/server/kernel/errors";
import {
  CallAbandoned,
  NodeOverloaded,
  NodeRejected,
  NodeTimeout,
  NodeUnavailable,
} from "@/server/node/client";

const unavailable = (message: string, retryAfterSeconds = 1) =>
  new AppError("unavailable", message, { retryAfterSeconds });

/** Whether no model answered, so that another replica may be asked. */
export const isRetriable = (error: unknown): boolean =>
  error instanceof BrokenCircuitError ||
  error instanceof NodeOverloaded ||
  (error instanceof NodeUnavailable && !(error instanceof NodeTimeout));

/** What a node's failure means to the caller; refused inputs stay what they are. */
export function toCaller(error: unknown): unknown {
  if (error instanceof NodeOverloaded) {
    const seconds = Math.max(1, Math.ceil(error.retryAfterSeconds));
    return unavailable("The model has more requests than it can take.", seconds);
  }
  if (error instanceof CallAbandoned) return new CallerGone();
  if (error instanceof NodeTimeout) return unavailable("The model did not answer in time.");
  if (error instanceof BrokenCircuitError)
    return unavailable("The model does not answer at the moment.");
  if (
    error instanceof NodeUnavailable ||
    (error instanceof NodeRejected && [401, 403, 404].includes(error.status))
  ) {
    return unavailable("No inference node can answer at the moment.");
  }
  return error;
}
