import { createHash } from "node:crypto";
import {
  type Memo,
  memoOf,
  type PlannedStep,
  ProtocolError,
  planStep,
  readError,
  readOps,
  type SdkResponse,
} from "./sdk-response";
import type { Op, SerializedError } from "./types";

/** What is to happen to the run after one call. Memos are stored in every case. */
export type Plan =
  | { type: "complete"; memos: Memo[]; output: unknown }
  | { type: "fail"; memos: Memo[]; error: SerializedError }
  | { type: "retry"; memos: Memo[]; error: SerializedError; delayMs?: number }
  | { type: "advance"; memos: Memo[]; planned: PlannedStep[] };

/** The id under which the SDK reports the end of the function itself. */
const COMPLETE_ID = createHash("sha1").update("complete").digest("hex");

/** Reads an answer. `isLastAttempt`: the job may not be tried again. Pure; never throws. */
export function planResponse(response: SdkResponse, isLastAttempt: boolean): Plan {
  try {
    if (response.status === 200) {
      return { type: "complete", memos: [], output: response.body ?? null };
    }
    if (response.status === 206) return planOps(readOps(response.body), response, isLastAttempt);
    return planError(readError(response.body), response, isLastAttempt);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { type: "fail", memos: [], error: { name: error.name, message: error.message } };
  }
}

function planError(error: SerializedError, response: SdkResponse, isLastAttempt: boolean): Plan {
  if (response.status === 400 || response.noRetry || isLastAttempt) {
    return { type: "fail", memos: [], error };
  }
  return { type: "retry", memos: [], error, delayMs: response.retryAfterMs };
}

function planOps(ops: Op[], response: SdkResponse, isLastAttempt: boolean): Plan {
  const memos: Memo[] = [];
  const planned: PlannedStep[] = [];
  let failing: Op | undefined;
  let output: { value: unknown } | undefined;
  for (const op of ops) {
    if (op.op === "RunComplete") output = { value: op.data ?? null };
    else if (op.op === "StepRun") memos.push(memoOf(op));
    else if (op.op === "StepFailed" || (op.op === "StepError" && isLastAttempt)) {
      if (op.id === COMPLETE_ID) return { type: "fail", memos, error: readError(op.error) };
      memos.push(memoOf({ ...op, op: "StepFailed" }));
    } else if (op.op === "StepError") failing = op;
    else if (op.op !== "DiscoveryRequest") planned.push(planStep(op));
  }
  if (failing) {
    const error = readError(failing.error);
    return { type: "retry", memos, error, delayMs: response.retryAfterMs };
  }
  if (output) return { type: "complete", memos, output: output.value };
  return { type: "advance", memos, planned };
}
