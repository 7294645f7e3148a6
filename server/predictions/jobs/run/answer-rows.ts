import { setTimeout as sleep } from "node:timers/promises";
import type { RowFailure, ScanAnswers, ScanRows } from "@/server/datasets";
import type { BackgroundPlace } from "@/server/deployments";
import { AppError } from "@/server/kernel/errors";
import type { InferenceNodes } from "@/server/kernel/ports";
import { NodeRejected } from "@/server/node/client";
import type { Tensor, TensorData } from "@/server/protocols/open-inference/codec";
import type { Prepared } from "../reading";
import { type AnswerMemory, hasProbabilities, readAnswers, wantedOutputs } from "./read-answers";
import type { BatchSizes } from "./sizes";

/** Requests under way a replica: one runs while the next one travels. */
const IN_FLIGHT_A_REPLICA = 2;
const IN_FLIGHT_MAX = 16;
const REQUEST_TIMEOUT_MS = 60_000;
const RETRY_MS = 250;
const RETRY_MS_MAX = 2_000;

/** Who answers the rows, and how. */
export interface Answering {
  nodes: InferenceNodes;
  prepared: Prepared;
  place: BackgroundPlace;
  sizes: BatchSizes;
  /** Aborted when the job is no more. */
  signal: AbortSignal;
  /** How long a request that nobody answers is tried again before the stretch is given up. */
  patienceMs: number;
}

/** Answers to a stretch and the rows that got none. */
export interface Answered {
  answers: ScanAnswers;
  failures: RowFailure[];
}

/**
 * Sends the rows of a stretch to the nodes, several requests at a time. Rows the model refuses are
 * failures. Throws unavailable when no node answered for a while, BrokenAnswer, and the reason of
 * the signal.
 */
export async function answerRows(
  how: Answering,
  { from, to }: { from: number; to: number },
  read: ScanRows,
): Promise<Answered> {
  const { signature } = how.prepared;
  const classes = signature.classes?.length ?? 0;
  const memory: AnswerMemory = {
    values: new Float64Array(read.rows),
    probabilities: hasProbabilities(signature) ? new Float64Array(read.rows * classes) : undefined,
  };
  const refused = new Map<number, string>();
  let next = 0;
  const walk = async () => {
    while (next < read.rows) {
      how.signal.throwIfAborted();
      const start = next;
      next = Math.min(read.rows, start + how.sizes.requestRows);
      await send(how, read, { from: start, to: next }, memory, refused);
    }
  };
  const walkers = Math.min(IN_FLIGHT_MAX, how.place.replicas * IN_FLIGHT_A_REPLICA);
  await settled(Array.from({ length: walkers }, walk));
  return gather({ from, to }, read, memory, refused, classes);
}

/** Waits for all of them: what is under way must not write into memory that is given on. */
async function settled(walks: Promise<void>[]): Promise<void> {
  const broken = (await Promise.allSettled(walks)).find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
}

interface Slice {
  from: number;
  to: number;
}

/** One request; what the model refuses is sent again in halves until single rows stand out. */
async function send(
  how: Answering,
  read: ScanRows,
  slice: Slice,
  memory: AnswerMemory,
  refused: Map<number, string>,
): Promise<void> {
  const rows = slice.to - slice.from;
  try {
    const tensors = await ask(how, tensorsOf(how, read, slice), rows);
    readAnswers(tensors, how.prepared.signature, { from: slice.from, rows }, memory);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (rows === 1) {
      refused.set(slice.from, error.message);
      return;
    }
    const middle = slice.from + Math.ceil(rows / 2);
    await send(how, read, { from: slice.from, to: middle }, memory, refused);
    await send(how, read, { from: middle, to: slice.to }, memory, refused);
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof NodeRejected ||
  (error instanceof AppError && error.code === "validation_failed");

async function ask(how: Answering, tensors: Tensor[], rows: number): Promise<Tensor[]> {
  const { nodes, prepared, place, sizes, signal, patienceMs } = how;
  const { priority, replicas } = place;
  const outputs = wantedOutputs(prepared.signature);
  const options = { timeoutMs: REQUEST_TIMEOUT_MS, priority, signal };
  const until = performance.now() + patienceMs;
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(RETRY_MS_MAX, waitMs * 2)) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    try {
      const answer = await nodes.infer(prepared.model, replicas, tensors, outputs, options);
      sizes.noteRequest(rows, performance.now() - startedMs);
      return answer.tensors;
    } catch (error) {
      signal.throwIfAborted();
      const isAway = error instanceof AppError && error.code === "unavailable";
      if (!isAway || performance.now() > until) throw error;
      await sleep(waitMs, undefined, { signal });
    }
  }
}

function tensorsOf({ prepared }: Answering, read: ScanRows, { from, to }: Slice): Tensor[] {
  return prepared.signature.inputs.map(({ name, datatype, columns }, at) => {
    const width = columns.length;
    const whole = read.inputs[at] ?? [];
    const data = Array.isArray(whole)
      ? whole.slice(from * width, to * width)
      : whole.subarray(from * width, to * width);
    return { name, datatype, shape: [to - from, width], data: data as TensorData };
  });
}

/** Puts together what was answered; rows are numbered as in the dataset from here on. */
function gather(
  { from, to }: Slice,
  read: ScanRows,
  memory: AnswerMemory,
  refused: ReadonlyMap<number, string>,
  classes: number,
): Answered {
  if (refused.size === 0) {
    const leftOut = read.failures.map(({ row }) => row);
    return { answers: { from, to, leftOut, ...memory }, failures: read.failures };
  }
  const rowOf = rowNumbers({ from, to }, read);
  const failures = [
    ...read.failures,
    ...[...refused].map(([at, message]) => ({ row: rowOf[at] ?? from, message })),
  ].sort((a, b) => a.row - b.row);
  const isKept = (_: number, at: number) => !refused.has(at);
  const { values, probabilities } = memory;
  return {
    answers: {
      from,
      to,
      leftOut: failures.map(({ row }) => row),
      values: values.filter(isKept),
      probabilities: probabilities?.filter((_, at) => !refused.has(Math.floor(at / classes))),
    },
    failures,
  };
}

/** The number in the dataset of each row that was read. */
function rowNumbers({ from, to }: Slice, read: ScanRows): number[] {
  const out = new Set(read.failures.map(({ row }) => row));
  const numbers: number[] = [];
  for (let row = from; row < to; row++) if (!out.has(row)) numbers.push(row);
  return numbers;
}
