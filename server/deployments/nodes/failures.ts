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

/** The failure itself is its cause: batch jobs tell a model that fails from a node that is away. */
const unavailable = (cause: unknown, message: string, retryAfterSeconds = 1) =>
  Object.assign(new AppError("unavailable", message, { retryAfterSeconds }), { cause });

/** Whether no model answered, so that another replica may be asked. */
export const isRetriable = (error: unknown): boolean =>
  error instanceof BrokenCircuitError ||
  error instanceof NodeOverloaded ||
  (error instanceof NodeUnavailable && !(error instanceof NodeTimeout));

/** What a node's failure means to the caller; refused inputs stay what they are. */
export function toCaller(error: unknown): unknown {
  if (error instanceof NodeOverloaded) {
    const seconds = Math.max(1, Math.ceil(error.retryAfterSeconds));
    return unavailable(error, "The model has more requests than it can take.", seconds);
  }
  if (error instanceof CallAbandoned) return new CallerGone();
  if (error instanceof NodeTimeout) return unavailable(error, "The model did not answer in time.");
  if (error instanceof BrokenCircuitError)
    return unavailable(error, "The model does not answer at the moment.");
  if (
    error instanceof NodeUnavailable ||
    (error instanceof NodeRejected && [401, 403, 404].includes(error.status))
  ) {
    return unavailable(error, "No inference node can answer at the moment.");
  }
  return error;
}
