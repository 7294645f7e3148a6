import { type AxisScale, asNumber, type Cell } from "./scale-axis";

/** The part of an axis that is kept: two numbers or two of its words as text, "" for an open end. */
export interface AxisRange {
  low: string;
  high: string;
}

export type AxisEnd = keyof AxisRange;

/** Ranges by the id of their axis. */
export type AxisRanges = Readonly<Record<string, AxisRange>>;

/** How far a key press moves an end, as a part of the axis. */
const STEP = 0.02;
const ALMOST = 1e-9;

/** Place of an end on the axis, 0 to 1; an open end is where the axis ends. */
export function placeOfEnd(scale: AxisScale, range: AxisRange | undefined, end: AxisEnd): number {
  const open = end === "low" ? 0 : 1;
  const text = range?.[end] ?? "";
  if (text === "") return open;
  return Math.min(1, Math.max(0, scale.place(text) ?? open));
}

/** The text of an end at a place: the nearest word or a number; "" at the very end of the axis. */
export function endAt(scale: AxisScale, place: number, end: AxisEnd): string {
  if (end === "low" ? place <= 0 : place >= 1) return "";
  if (scale.kind === "number") return String(scale.numberAt(place) ?? "");
  const nearest = scale.ticks.reduce<{ at: number; label: string } | undefined>(
    (best, tick) => (best && Math.abs(best.at - place) <= Math.abs(tick.at - place) ? best : tick),
    undefined,
  );
  return nearest?.label ?? "";
}

/** Where a key press leads from a place: the next word, or a fiftieth of an axis of numbers. */
export function stepFrom(scale: AxisScale, place: number, steps: number): number {
  if (scale.kind === "number") return Math.min(1, Math.max(0, place + steps * STEP));
  const here = scale.ticks.findIndex(({ at }) => Math.abs(at - place) < ALMOST);
  const next = Math.min(scale.ticks.length - 1, Math.max(0, here + Math.sign(steps)));
  return scale.ticks[next]?.at ?? place;
}

/** Both ends open keep everything, also the runs without a value. */
export const isOpen = (range: AxisRange | undefined): boolean =>
  !range || (range.low === "" && range.high === "");

/** True for a value between the ends, which count as inside. Nothing is never inside. */
export function isKept(scale: AxisScale, range: AxisRange | undefined, value: Cell): boolean {
  if (!range || isOpen(range)) return true;
  // Numbers are compared as such: a place would hide what lies beyond the axis.
  const of = scale.kind === "number" ? asNumber : scale.place;
  const here = of(value);
  if (here === null) return false;
  const low = range.low === "" ? null : of(range.low);
  const high = range.high === "" ? null : of(range.high);
  return (low === null || here >= low) && (high === null || here <= high);
}

const encode = (text: string) => encodeURIComponent(text).replaceAll("~", "%7E");

/** Ranges as an address carries them: `<axis>=<low>~<high>`. */
export const writeRanges = (ranges: AxisRanges): string[] =>
  Object.entries(ranges)
    .filter(([, range]) => !isOpen(range))
    .map(([axis, { low, high }]) => `${axis}=${encode(low)}~${encode(high)}`);

/** Reads what `writeRanges` wrote; what makes no sense is left out. */
export function readRanges(texts: readonly string[]): AxisRanges {
  const ranges = texts.flatMap((text): [string, AxisRange][] => {
    const [, axis, low, high] = /^(.+)=([^=~]*)~([^=~]*)$/s.exec(text) ?? [];
    if (axis === undefined || low === undefined || high === undefined) return [];
    try {
      return [[axis, { low: decodeURIComponent(low), high: decodeURIComponent(high) }]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(ranges);
}
