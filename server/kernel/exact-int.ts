/** A whole number of 64 bits: a number where a double holds it exactly, else a bigint. */
export type ExactInt = number | bigint;

const INT64_MAX = 2n ** 63n - 1n;

/** The number that digits mean; undefined where it needs more than 64 bits. Throws SyntaxError for other text. */
export function exactInt(value: string | number | bigint): ExactInt | undefined {
  if (typeof value === "string") {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number + 0;
  } else if (typeof value === "number" && Number.isSafeInteger(value)) return value + 0;
  const exact = BigInt(value);
  if (exact > INT64_MAX || exact < -INT64_MAX - 1n) return undefined;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** Negative, zero or positive like a - b, which numbers and bigints do not have together. */
export const compareInts = (a: ExactInt, b: ExactInt): number => (a < b ? -1 : a > b ? 1 : 0);

export const lesserInt = (a: ExactInt, b: ExactInt): ExactInt => (b < a ? b : a);
export const greaterInt = (a: ExactInt, b: ExactInt): ExactInt => (b > a ? b : a);
