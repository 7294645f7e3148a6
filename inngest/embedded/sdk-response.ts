import { z } from "zod";
import { delayUntil } from "./duration";
import { compileExpression } from "./expression";
import { isStorableText } from "./json";
import { DEFAULT_INVOKE_TIMEOUT_MS, LIMITS } from "./limits";
import type { Op, SerializedError } from "./types";

/** What the SDK answered to one call. */
export interface SdkResponse {
  status: number;
  noRetry: boolean;
  /** Milliseconds, clamped to what the real server allows. */
  retryAfterMs?: number;
  requestVersion?: number;
  body: unknown;
}

/** A step that has ended; `json` is its value or its error. */
export interface Memo {
  id: string;
  op: string;
  name: string;
  failed: boolean;
  json: string;
  race: boolean;
}

/** What a reported step waits for. */
export type Action =
  | { type: "call" }
  | { type: "sleep"; delayMs: number }
  | { type: "event"; event: string; expression: string | null; timeoutMs: number }
  | { type: "invoke"; functionId: string; payload: Record<string, unknown>; timeoutMs: number };

export interface PlannedStep {
  id: string;
  op: string;
  name: string;
  race: boolean;
  action: Action;
}

/** An answer that the executor cannot act on; it fails the run. */
export class ProtocolError extends Error {
  override name = "UnsupportedOperationError";
}

const opSchema = z.object({
  id: z.string().min(1),
  op: z.string(),
  name: z.string().nullish(),
  displayName: z.string().nullish(),
  data: z.unknown().optional(),
  error: z.unknown().optional(),
  opts: z.record(z.string(), z.unknown()).nullish(),
});

/** The operations of a 206 body or a checkpoint, one an id. @throws ProtocolError */
export function readOps(body: unknown): Op[] {
  const parsed = z.array(opSchema).safeParse(Array.isArray(body) ? body : [body]);
  if (!parsed.success) throw new ProtocolError("the SDK answered operations of an unknown shape");
  const ops = new Map<string, Op>();
  for (const { name, displayName, opts, ...op } of parsed.data) {
    ops.set(op.id, {
      ...op,
      name: name ?? undefined,
      displayName: displayName ?? undefined,
      opts: opts ?? undefined,
    });
  }
  return [...ops.values()];
}

const REASONS: Record<string, string> = {
  AIGateway: "step.ai.infer needs a real Inngest server; use step.ai.wrap or step.run",
  Gateway: "step.fetch needs a real Inngest server; use step.run with fetch",
  WaitForSignal: "step.waitForSignal needs a real Inngest server; use step.waitForEvent",
  DeferAdd: "defer needs a real Inngest server; use step.sendEvent",
  DeferAbort: "defer needs a real Inngest server; use step.sendEvent",
};

/** @throws ProtocolError for an operation outside the supported ones. */
export function planStep(op: Op): PlannedStep {
  const base = { id: op.id, op: op.op, name: nameOf(op), race: isRace(op) };
  switch (op.op) {
    case "StepPlanned":
      return { ...base, action: { type: "call" } };
    case "Sleep":
      return {
        ...base,
        action: { type: "sleep", delayMs: delayOf(op, op.opts?.duration ?? op.name) },
      };
    case "WaitForEvent":
      return { ...base, action: waitAction(op) };
    case "InvokeFunction":
      return { ...base, action: invokeAction(op) };
    default:
      throw new ProtocolError(
        `Step "${nameOf(op)}": ${REASONS[op.op] ?? `operation ${op.op} is not supported`}.`,
      );
  }
}

function delayOf(op: Op, text: unknown): number {
  const delay = typeof text === "string" ? delayUntil(text) : undefined;
  if (delay === undefined || delay > LIMITS.waitMsMax) {
    throw new ProtocolError(`Step "${nameOf(op)}": "${text}" is no time within 366 days.`);
  }
  return delay;
}

function waitAction(op: Op): Action {
  const event = op.name ?? op.opts?.event;
  const expression = typeof op.opts?.if === "string" ? op.opts.if : null;
  if (typeof event !== "string" || !isStorableText(event + (expression ?? ""))) {
    throw new ProtocolError(`Step "${nameOf(op)}" names no event, or one that cannot be stored.`);
  }
  try {
    if (expression !== null) compileExpression(expression, ["event", "async"]);
  } catch (error) {
    throw new ProtocolError(
      `Step "${nameOf(op)}": if "${expression}": ${error instanceof Error ? error.message : error}`,
    );
  }
  return { type: "event", event, expression, timeoutMs: delayOf(op, op.opts?.timeout) };
}

function invokeAction(op: Op): Action {
  const { function_id: functionId, payload, timeout } = op.opts ?? {};
  if (typeof functionId !== "string") {
    throw new ProtocolError(`Step "${nameOf(op)}" names no function.`);
  }
  return {
    type: "invoke",
    functionId,
    payload: z.record(z.string(), z.unknown()).safeParse(payload).data ?? {},
    timeoutMs: timeout === undefined ? DEFAULT_INVOKE_TIMEOUT_MS : delayOf(op, timeout),
  };
}

/** @throws ProtocolError when the value is larger than a step may answer. */
export function memoOf(op: Op): Memo {
  const failed = op.op !== "StepRun";
  const json = JSON.stringify((failed ? readError(op.error ?? op.data) : op.data) ?? null);
  if (Buffer.byteLength(json) > LIMITS.stepOutputBytesMax) {
    throw new ProtocolError(
      `Step "${nameOf(op)}" answered more than ${LIMITS.stepOutputBytesMax} bytes; store it and answer its address.`,
    );
  }
  return { id: op.id, op: "StepRun", name: nameOf(op), failed, json, race: isRace(op) };
}

const errorSchema = z.looseObject({
  name: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
});

/** Any thrown thing the SDK reports, as name and message. */
export function readError(value: unknown): SerializedError {
  const parsed = errorSchema.safeParse(value);
  if (!parsed.success) {
    return { name: "Error", message: typeof value === "string" ? value : JSON.stringify(value) };
  }
  const { name, message, error, ...rest } = parsed.data;
  return { ...rest, name: name || "Error", message: message || error || "Unknown error" };
}

function nameOf(op: Op): string {
  const name = (op.displayName ?? op.name ?? op.id).slice(0, 500);
  return name.replaceAll("\0", "").toWellFormed();
}

function isRace(op: Op): boolean {
  return op.opts?.parallelMode === "race";
}
