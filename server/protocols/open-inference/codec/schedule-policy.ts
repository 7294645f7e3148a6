import { badRequest } from "./protocol-error";
import type { Parameters } from "./tensor";

/** The schedule policy extension, as a request names it. */
export type SchedulePolicy = {
  /** 1 is the highest; undefined for the model's default. */
  priority: number | undefined;
  /** Milliseconds the request may wait in the queue; undefined for the model's setting. */
  timeoutMs: number | undefined;
};

const PRIORITY_MAX = 2 ** 32 - 1;

/**
 * Reads `priority` and `timeout` (microseconds) of a request; 0 is the default of both. Throws
 * ProtocolError 400.
 */
export function parseSchedulePolicy(parameters: Parameters): SchedulePolicy {
  const priority = wholeNumber(parameters, "priority", "an integer of 0 or more");
  if (priority > PRIORITY_MAX) throw badRequest("the parameter priority is too large");
  const micros = wholeNumber(parameters, "timeout", "an integer number of microseconds");
  return { priority: priority || undefined, timeoutMs: micros ? micros / 1000 : undefined };
}

function wholeNumber(parameters: Parameters, name: string, expected: string): number {
  const value = parameters.get(name);
  if (value === undefined) return 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw badRequest(`the parameter ${name} must be ${expected}`);
  return value;
}
