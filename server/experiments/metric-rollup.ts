/**
 * The lowest and the highest point of each stretch of a series, mergeable: joining what is already in
 * changes nothing and the order does not matter, so late and repeated points are joined like any other.
 */

/** Stretches of a rollup at most; a chart asks for fewer and gets whole multiples of them. */
export const STRETCHES_MAX = 2560;

/** What is on the horizontal axis: steps, or milliseconds where all steps are the same. */
export type Axis = "step" | "timestamp";

export interface Span {
  axis: Axis;
  /** A stretch is 2^level positions wide. */
  level: number;
  /** Number of the first stretch: its first position divided by its width. */
  origin: bigint;
  /** How many stretches there are. */
  stretches: number;
}

export type Triple = [value: number, step: number, timestamp: number];

/** What SQL says of one stretch. `at` counts from the span's origin. */
export interface Stretch {
  at: number;
  low: Triple | null;
  high: Triple | null;
  /** The first point that is not a number. */
  gap: Triple | null;
}

/** low, high, gap: each value, step, timestamp; NaN where there is none. */
const CELL = 9;
const LOW = 0;
const HIGH = 3;
const GAP = 6;

export interface Rollup {
  span: Span;
  /** `stretches` × 9 doubles. */
  cells: Float64Array;
}

/** The finest span over positions `first` to `last` that keeps to STRETCHES_MAX, at least `level` wide. */
export function spanOver(axis: Axis, first: bigint, last: bigint, level = 0): Span {
  let chosen = level;
  const count = () => Number((last >> BigInt(chosen)) - (first >> BigInt(chosen))) + 1;
  while (count() > STRETCHES_MAX) chosen += 1;
  return { axis, level: chosen, origin: first >> BigInt(chosen), stretches: count() };
}

export const emptyRollup = (span: Span): Rollup => ({
  span,
  cells: new Float64Array(span.stretches * CELL).fill(Number.NaN),
});

/** The same points over a span that is at least as wide and coarse. */
export function widen(rollup: Rollup, span: Span): Rollup {
  const wide = emptyRollup(span);
  const shift = BigInt(span.level - rollup.span.level);
  for (let at = 0; at < rollup.span.stretches; at++) {
    const to = Number(((rollup.span.origin + BigInt(at)) >> shift) - span.origin);
    joinCell(wide.cells, to * CELL, rollup.cells, at * CELL);
  }
  return wide;
}

/** The stretches that hold any position from `first` to `last`. */
export function cut({ span, cells }: Rollup, first: bigint, last: bigint): Rollup {
  const level = BigInt(span.level);
  const place = (position: bigint) =>
    Math.min(Math.max(Number((position >> level) - span.origin), -1), span.stretches);
  const from = Math.max(place(first), 0);
  const to = Math.min(place(last) + 1, span.stretches);
  const stretches = Math.max(to - from, 0);
  return {
    span: { ...span, origin: span.origin + BigInt(from), stretches },
    cells: cells.subarray(from * CELL, (from + stretches) * CELL),
  };
}

/** Joins what SQL found within the span. */
export function joinStretches(rollup: Rollup, found: Stretch[]): void {
  const cell = new Float64Array(CELL);
  for (const { at, low, high, gap } of found) {
    cell.fill(Number.NaN);
    if (low) cell.set(low, LOW);
    if (high) cell.set(high, HIGH);
    if (gap) cell.set(gap, GAP);
    joinCell(rollup.cells, at * CELL, cell, 0);
  }
}

function joinCell(into: Float64Array, at: number, from: Float64Array, begin: number): void {
  joinTriple(into, at + LOW, from, begin + LOW, -1);
  joinTriple(into, at + HIGH, from, begin + HIGH, 1);
  joinTriple(into, at + GAP, from, begin + GAP, -1);
}

/** Keeps the greater (sign 1) or the lesser (sign -1) of two triples; any is better than none. */
function joinTriple(
  into: Float64Array,
  at: number,
  from: Float64Array,
  begin: number,
  sign: 1 | -1,
): void {
  if (Number.isNaN(from[begin])) return;
  if (!Number.isNaN(into[at]) && sign * compareTriples(from, begin, into, at) <= 0) return;
  into.set(from.subarray(begin, begin + 3), at);
}

function compareTriples(a: Float64Array, i: number, b: Float64Array, j: number): number {
  for (let part = 0; part < 3; part++) {
    const [x = 0, y = 0] = [a[i + part], b[j + part]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

export interface SampledPoint {
  step: number;
  timestamp: number;
  /** null: not a number. */
  value: number | null;
}

/**
 * The lowest and the highest point of each of at most `most` equal stretches, by step; one point of
 * those that hold nothing but NaN.
 */
export function sampleRollup({ span, cells }: Rollup, most: number): SampledPoint[] {
  const together = Math.ceil(span.stretches / most);
  const points = new Map<string, SampledPoint>();
  const cell = new Float64Array(CELL);
  for (let from = 0; from < span.stretches; from += together) {
    cell.fill(Number.NaN);
    const to = Math.min(from + together, span.stretches);
    for (let at = from; at < to; at++) joinCell(cell, 0, cells, at * CELL);
    const isEmpty = Number.isNaN(cell[LOW]);
    for (const place of isEmpty ? [GAP] : [LOW, HIGH]) {
      const [value = Number.NaN, step = 0, timestamp = 0] = cell.subarray(place, place + 3);
      if (Number.isNaN(value)) continue;
      const point = { step, timestamp, value: isEmpty ? null : value };
      points.set(`${step} ${timestamp} ${point.value}`, point);
    }
  }
  return [...points.values()].sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
}

const HEADER_BYTES = 16;

/** As the column `run_metric_rollups.data` holds it. */
export function encodeRollup({ span, cells }: Rollup): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + cells.byteLength);
  bytes.writeUInt8(span.axis === "step" ? 0 : 1, 0);
  bytes.writeUInt8(span.level, 1);
  bytes.writeUInt32LE(span.stretches, 4);
  bytes.writeBigInt64LE(span.origin, 8);
  new Uint8Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES).set(
    new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength),
  );
  return bytes;
}

export function decodeRollup(bytes: Buffer): Rollup {
  const span: Span = {
    axis: bytes.readUInt8(0) === 0 ? "step" : "timestamp",
    level: bytes.readUInt8(1),
    stretches: bytes.readUInt32LE(4),
    origin: bytes.readBigInt64LE(8),
  };
  // Copied, because doubles lie at multiples of eight.
  const cells = new Float64Array(new Uint8Array(bytes.subarray(HEADER_BYTES)).buffer);
  return { span, cells };
}
