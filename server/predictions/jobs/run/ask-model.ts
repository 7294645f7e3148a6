import { setTimeout as sleep } from "node:timers/promises";
import type { ScanRows } from "@/server/datasets";
import type { BackgroundPlace } from "@/server/deployments";
import { AppError } from "@/server/kernel/errors";
import type { InferenceNodes } from "@/server/kernel/ports";
import { NodeFailed, NodeRejected, NodeTimeout, NodeUnavailable } from "@/server/node/client";
import type { Tensor, TensorData } from "@/server/protocols/open-inference/codec";
import type { Prepared } from "../reading";
import { BrokenRows, wantedOutputs } from "./read-answers";
import type { BatchSizes } from "./sizes";

/** One request may take so long, milliseconds. */
export const REQUEST_TIMEOUT_MS = 60_000;
const RETRY_MS = 250;
const RETRY_MS_MAX = 2_000;

/** Who answers the rows, and how. */
export interface Answering {
  nodes: InferenceNodes;
  prepared: Prepared;
  place: BackgroundPlace;
  sizes: BatchSizes;
  /** A row that the model answered before; by it a model that fails is told from a row it fails on. */
  witness: Witness;
  /** Aborted when the job is no more. */
  signal: AbortSignal;
  /** How long a request that nobody answers is tried again before the stretch is given up. */
  patienceMs: number;
}

/** One row the model answered; none as long as it answered nothing. */
export interface Witness {
  tensors: Tensor[] | undefined;
}

/** Rows of what was read of a stretch, by their place in it. */
export interface Slice {
  from: number;
  to: number;
}

/**
 * What a request waits out before it gives up: nodes that are away or busy; of a request that is
 * suspected only the latter, so that each try is judged; a witness waits for all of them.
 */
type Waits = "for nodes" | "for room" | "for everything";

/** Why a request got no answer: nobody could take it, its node was lost, or the model failed. */
type Silence = "busy" | "lost" | "failed";

/** Of an error that `infer` throws when no model answered. */
function silenceOf({ cause }: AppError): Silence {
  if (cause instanceof NodeFailed || cause instanceof NodeTimeout) return "failed";
  return cause instanceof NodeUnavailable ? "lost" : "busy";
}

const isUnavailable = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === "unavailable";

/** The model says that it does not take these rows, or says of them what cannot be. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof NodeRejected ||
  error instanceof BrokenRows ||
  (error instanceof AppError && error.code === "validation_failed");

/** Nothing answered, which may be the rows' fault: the model failed, or its node went under. */
export const isSuspicious = (error: unknown): error is AppError =>
  isUnavailable(error) && silenceOf(error) !== "busy";

/** The model was given too much at once, or hangs. */
export const isLate = ({ cause }: Error): boolean => cause instanceof NodeTimeout;

/** What a person should read of a row on which the model fails. */
export function reasonOf({ cause }: Error): string {
  if (cause instanceof NodeTimeout) return "the model gave no answer in time";
  if (cause instanceof NodeFailed) return `the model fails: ${cause.message}`;
  return "the node is lost whenever it runs the model on this row";
}

const WAITED_FOR: Record<Waits, readonly Silence[]> = {
  "for nodes": ["busy", "lost"],
  "for room": ["busy"],
  "for everything": ["busy", "lost", "failed"],
};

/** One request, sent again as long as what it waits for is away. Throws what `infer` throws. */
export async function askModel(
  how: Answering,
  tensors: Tensor[],
  waits: Waits,
): Promise<{ tensors: Tensor[]; ms: number }> {
  const { nodes, prepared, place, signal, patienceMs } = how;
  const { priority, replicas } = place;
  const outputs = wantedOutputs(prepared.signature);
  // A row that is suspected goes to one node at a time: it may be what takes them down.
  const retries = waits === "for room" ? { retries: 0 } : {};
  const options = { timeoutMs: REQUEST_TIMEOUT_MS, priority, signal, ...retries };
  const until = performance.now() + patienceMs;
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(RETRY_MS_MAX, waitMs * 2)) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    try {
      const answer = await nodes.infer(prepared.model, replicas, tensors, outputs, options);
      return { tensors: answer.tensors, ms: performance.now() - startedMs };
    } catch (error) {
      signal.throwIfAborted();
      const isWaited = isUnavailable(error) && WAITED_FOR[waits].includes(silenceOf(error));
      if (!isWaited || performance.now() > until) throw error;
      await sleep(waitMs, undefined, { signal });
    }
  }
}

/** Rows of a stretch as the model takes them; they share its memory. */
export function tensorsOf(
  { signature }: Pick<Prepared, "signature">,
  read: ScanRows,
  { from, to }: Slice,
): Tensor[] {
  return signature.inputs.map(({ name, datatype, columns }, at) => {
    const width = columns.length;
    const whole = read.inputs[at] ?? [];
    const data = Array.isArray(whole)
      ? whole.slice(from * width, to * width)
      : whole.subarray(from * width, to * width);
    return { name, datatype, shape: [to - from, width], data: data as TensorData };
  });
}

/** Remembers the first row of a slice that was answered. */
export function noteWitness(how: Answering, read: ScanRows, { from }: Slice): void {
  how.witness.tensors ??= tensorsOf(how.prepared, read, { from, to: from + 1 }).map((tensor) => ({
    ...tensor,
    // Not a view: it outlives its stretch.
    data: tensor.data.slice() as TensorData,
  }));
}
