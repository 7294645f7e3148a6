import type { ScanRows } from "@/server/datasets";
import {
  type Answering,
  askModel,
  isLate,
  isRefusal,
  isSuspicious,
  noteWitness,
  REQUEST_TIMEOUT_MS,
  reasonOf,
  type Slice,
  tensorsOf,
} from "./ask-model";
import { type AnswerMemory, readAnswers } from "./read-answers";

/** A row is found out when it failed so often, each time with a model that answered others behind it. */
const STRIKES = 3;
/** Rows that are asked for one the model answers, where none is known. */
const PROBES = 8;

/** Where what came of each row goes. */
export interface Findings {
  memory: AnswerMemory;
  /** Rows that got no answer, by place, and why. */
  refused: Map<number, string>;
}

/**
 * Answers a slice on which the model failed, in halves until the rows it fails on stand alone. It is
 * asked with nothing else of the job under way, so that no row pays for its neighbor. Throws
 * unavailable as soon as the model answers nothing at all: then no row is to blame.
 */
export async function isolateRows(
  how: Answering,
  read: ScanRows,
  slice: Slice,
  findings: Findings,
): Promise<void> {
  const left: { slice: Slice; strikes: number }[] = [{ slice, strikes: 0 }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { slice, strikes } = next;
    const failure = await answerSlice(how, read, slice, findings, "for room");
    if (!failure) continue;
    const isRefused = isRefusal(failure);
    if (!isRefused) await requireWitness(how, read, failure);
    if (slice.to - slice.from > 1) {
      for (const half of halvesOf(slice).reverse()) left.push({ slice: half, strikes: 0 });
    } else if (isRefused) findings.refused.set(slice.from, failure.message);
    else if (strikes + 1 < STRIKES) left.push({ slice, strikes: strikes + 1 });
    else findings.refused.set(slice.from, reasonOf(failure));
  }
}

/** Sends a slice; answers why the model gave nothing for it, where that may be its rows' fault. */
export async function answerSlice(
  how: Answering,
  read: ScanRows,
  slice: Slice,
  { memory }: Findings,
  waits: "for nodes" | "for room",
): Promise<Error | undefined> {
  const { prepared, sizes } = how;
  const rows = slice.to - slice.from;
  try {
    const { tensors, ms } = await askModel(how, tensorsOf(prepared, read, slice), waits);
    if (waits === "for nodes") sizes.noteRequest(rows, ms);
    readAnswers(tensors, prepared.signature, { from: slice.from, rows }, memory);
    noteWitness(how, read, slice);
    return undefined;
  } catch (error) {
    if (!isRefusal(error) && !isSuspicious(error)) throw error;
    if (isLate(error)) sizes.noteRequest(rows, REQUEST_TIMEOUT_MS);
    return error;
  }
}

export function halvesOf({ from, to }: Slice): [Slice, Slice] {
  const middle = from + Math.ceil((to - from) / 2);
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

/** Waits for the model to answer a row it answered before. Throws the failure when it does not. */
async function requireWitness(how: Answering, read: ScanRows, failure: Error): Promise<void> {
  if (!how.witness.tensors) return findWitness(how, read, failure);
  try {
    await askModel(how, how.witness.tensors, "for everything");
  } catch (error) {
    // What it answered before it would not refuse: this is no model to judge rows by.
    throw isRefusal(error) ? failure : error;
  }
}

/** Asks some rows of the stretch for one that is answered. Throws the failure when none is. */
async function findWitness(how: Answering, read: ScanRows, failure: Error): Promise<void> {
  const step = Math.max(1, Math.floor(read.rows / PROBES));
  for (let row = 0; row < read.rows; row += step) {
    const slice = { from: row, to: row + 1 };
    try {
      await askModel(how, tensorsOf(how.prepared, read, slice), "for room");
      return noteWitness(how, read, slice);
    } catch (error) {
      if (!isRefusal(error) && !isSuspicious(error)) throw error;
    }
  }
  throw failure;
}
