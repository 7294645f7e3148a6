import type { RowFailure, ScanAnswers, ScanRows } from "@/server/datasets";
import { type Answering, isRefusal, type Slice } from "./ask-model";
import { answerSlice, type Findings, halvesOf, isolateRows } from "./isolate-rows";
import { type AnswerMemory, hasProbabilities } from "./read-answers";
import { storableReason } from "./storable-reason";

/** Requests under way a replica: one runs while the next one travels. */
const IN_FLIGHT_A_REPLICA = 2;
const IN_FLIGHT_MAX = 16;

/** Answers to a stretch and the rows that got none. */
export interface Answered {
  answers: ScanAnswers;
  failures: RowFailure[];
}

/**
 * Sends the rows of a stretch to the nodes, several requests at a time. Rows that the model refuses,
 * and those it fails on while it answers others, are failures. Throws unavailable when no node
 * answered for a while, BrokenAnswer, and the reason of the signal.
 */
export async function answerRows(
  how: Answering,
  { from, to }: Slice,
  read: ScanRows,
): Promise<Answered> {
  const { signature } = how.prepared;
  const classes = signature.classes?.length ?? 0;
  const memory: AnswerMemory = {
    values: new Float64Array(read.rows),
    probabilities: hasProbabilities(signature) ? new Float64Array(read.rows * classes) : undefined,
  };
  const findings: Findings = { memory, refused: new Map() };
  const walkers = Math.min(IN_FLIGHT_MAX, how.place.replicas * IN_FLIGHT_A_REPLICA);
  let next = 0;
  while (next < read.rows) {
    const suspects: Slice[] = [];
    const walk = async () => {
      // Where the model failed nothing more is sent until it is known why.
      while (next < read.rows && suspects.length === 0) {
        how.signal.throwIfAborted();
        const start = next;
        next = Math.min(read.rows, start + how.sizes.requestRows);
        suspects.push(...(await send(how, read, { from: start, to: next }, findings)));
      }
    };
    await settled(Array.from({ length: walkers }, walk));
    for (const slice of suspects) await isolateRows(how, read, slice, findings);
  }
  return gather({ from, to }, read, findings, classes);
}

/** Waits for all of them: what is under way must not write into memory that is given on. */
async function settled(walks: Promise<void>[]): Promise<void> {
  const broken = (await Promise.allSettled(walks)).find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
}

/**
 * One request; what the model refuses is sent again in halves until single rows stand out. Answers
 * the slices on which the model or its node failed.
 */
async function send(
  how: Answering,
  read: ScanRows,
  slice: Slice,
  findings: Findings,
): Promise<Slice[]> {
  const failure = await answerSlice(how, read, slice, findings, "for nodes");
  if (!failure) return [];
  if (!isRefusal(failure)) return [slice];
  if (slice.to - slice.from === 1) {
    findings.refused.set(slice.from, failure.message);
    return [];
  }
  const suspects: Slice[] = [];
  for (const half of halvesOf(slice)) suspects.push(...(await send(how, read, half, findings)));
  return suspects;
}

/** Puts together what was answered; rows are numbered as in the dataset from here on. */
function gather(
  { from, to }: Slice,
  read: ScanRows,
  { memory, refused }: Findings,
  classes: number,
): Answered {
  const rowOf = refused.size > 0 ? rowNumbers({ from, to }, read) : [];
  const failures = [
    ...read.failures,
    ...[...refused].map(([at, message]) => ({ row: rowOf[at] ?? from, message })),
  ]
    .map(({ row, message }) => ({ row, message: storableReason(message) }))
    .sort((a, b) => a.row - b.row);
  const bounds = { from, to, leftOut: failures };
  if (refused.size === 0) return { answers: { ...bounds, ...memory }, failures };
  const isKept = (_: number, at: number) => !refused.has(at);
  const { values, probabilities } = memory;
  return {
    answers: {
      ...bounds,
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
