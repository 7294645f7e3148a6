/** A value on an axis: a number, a word, or nothing. */
export type Cell = number | string | null;

export interface AxisScale {
  kind: "number" | "category";
  /** Place of a value, 0 at the low end to 1 at the high end; null for nothing. */
  place: (value: Cell) => number | null;
  /** Number at a place, as exact as the eye; null on an axis of words. */
  numberAt: (place: number) => number | null;
  /** Marks of the axis, low to high. */
  ticks: { at: number; label: string }[];
}

/** Words one axis shows; more are one place, "other". */
const WORDS_MAX = 12;
const TICKS = 4;
/** So few different numbers are marked themselves, where they leave room for their labels. */
const DISTINCT_MAX = 10;
const APART = 0.07;
/** Ratio of largest to smallest from which positive numbers are laid out by their logarithm. */
const LOG_FROM = 50;

/** What a cell is on an axis of numbers: texts that are numbers count, infinities do not. */
export const asNumber = (value: Cell): number | null => {
  if (value === null || (typeof value === "string" && value.trim() === "")) return null;
  const number = Number(value);
  // The largest double is an infinity to MLflow.
  return Math.abs(number) < Number.MAX_VALUE ? number : null;
};

/** Lays the values of one parameter or metric along an axis; texts that are all numbers are numbers. */
export function scaleAxis(values: readonly Cell[], format: (value: number) => string): AxisScale {
  const present = values.filter(
    (value) =>
      value !== null && value !== "" && (typeof value === "string" || asNumber(value) !== null),
  );
  const numbers = present.map(asNumber);
  return present.length > 0 && numbers.every((value) => value !== null)
    ? numberScale(numbers as number[], format)
    : wordScale(present.map(String));
}

function numberScale(numbers: number[], format: (value: number) => string): AxisScale {
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  const log = low > 0 && high / low >= LOG_FROM;
  const of = log ? Math.log10 : (value: number) => value;
  const span = of(high) - of(low);
  const place = (value: Cell) => {
    const number = asNumber(value);
    if (number === null || (log && number <= 0)) return null;
    return span === 0 ? 0.5 : (of(number) - of(low)) / span;
  };
  const back = (at: number) => (log ? 10 ** (of(low) + at * span) : low + at * span);
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  const apart = distinct.every(
    (value, at) => at === 0 || of(value) - of(distinct[at - 1] ?? low) >= span * APART,
  );
  const ticks =
    span === 0
      ? [{ at: 0.5, label: format(low) }]
      : distinct.length <= DISTINCT_MAX && apart
        ? distinct.map((value) => ({ at: (of(value) - of(low)) / span, label: format(value) }))
        : Array.from({ length: TICKS + 1 }, (_, i) => ({
            at: i / TICKS,
            label: format(back(i / TICKS)),
          }));
  return { kind: "number", place, numberAt: (at) => rounded(back(at), log, span), ticks };
}

/** A thousandth of the axis is as exact as anybody points; more digits would only be noise. */
function rounded(value: number, log: boolean, span: number): number {
  if (log) return Number(value.toPrecision(3));
  const digits = span === 0 ? 0 : 3 - Math.floor(Math.log10(span));
  return digits > 100 ? value : Number(value.toFixed(Math.max(0, digits)));
}

function wordScale(words: string[]): AxisScale {
  const distinct = [...new Set(words)].sort();
  const shown = distinct.slice(0, distinct.length > WORDS_MAX ? WORDS_MAX - 1 : WORDS_MAX);
  const labels = distinct.length > shown.length ? [...shown, "other"] : shown;
  const at = (index: number) => (labels.length === 1 ? 0.5 : index / (labels.length - 1));
  const places = new Map(shown.map((word, index) => [word, at(index)]));
  return {
    kind: "category",
    place: (value) =>
      value === null || value === "" ? null : (places.get(String(value)) ?? at(labels.length - 1)),
    numberAt: () => null,
    ticks: labels.map((label, index) => ({ at: at(index), label })),
  };
}
