import type { Tensor } from "@/server/protocols/open-inference/codec";

export interface Comparison {
  rows: number;
  /** Every output is the same to the bit. */
  isEqual: boolean;
  /** Rows whose label, or text, is another one. */
  flips: number;
  /** Largest absolute difference of two numbers; Infinity where only one is a number at all. */
  difference: number;
}

/** The output that names a class; its difference as a number means nothing. */
const LABEL = "label";

/** Compares what two variants answered to the same request; `sent` is what the caller got. */
export function compareOutputs(sent: readonly Tensor[], shadow: readonly Tensor[]): Comparison {
  const rows = sent[0]?.shape[0] ?? 0;
  const flipped = new Set<number>();
  const result: Comparison = {
    rows,
    isEqual: sent.length === shadow.length,
    flips: 0,
    difference: 0,
  };
  for (const left of sent) {
    const right = shadow.find((one) => one.name === left.name);
    if (!right || right.data.length !== left.data.length) {
      result.isEqual = false;
      result.difference = Infinity;
      continue;
    }
    const width = Math.max(1, left.data.length / Math.max(1, rows));
    for (let at = 0; at < left.data.length; at++) {
      const [a, b] = [left.data[at], right.data[at]];
      if (isSame(a, b)) continue;
      result.isEqual = false;
      const isNumeric = left.datatype !== "BYTES" && right.datatype !== "BYTES";
      if (left.name === LABEL || !isNumeric) flipped.add(Math.floor(at / width));
      else result.difference = Math.max(result.difference, distance(Number(a), Number(b)));
    }
  }
  result.flips = flipped.size;
  return result;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
  }
  return Object.is(a, b) || a === b;
}

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(String(value));

function distance(a: number, b: number): number {
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Infinity : difference;
}
