/** A share as a person reads it: "2.1%", "0.04%". */
export function percent(share: number | null): string {
  if (share === null) return "–";
  const value = share * 100;
  if (value === 0) return "0%";
  return `${value < 0.1 ? value.toPrecision(1) : Number(value.toFixed(value < 10 ? 2 : 1))}%`;
}

const COUNT = new Intl.NumberFormat("en-US");
/** "1,204 outcomes". */
export const countOf = (count: number, noun: string): string =>
  `${COUNT.format(count)} ${count === 1 ? noun : `${noun}s`}`;

/** "1,204 requests". */
export const requestsOf = (count: number): string => countOf(count, "request");

/** "p = 0.0003", "p < 0.0001". */
export const inChance = (p: number): string =>
  p < 0.0001 ? "p < 0.0001" : `p = ${Number(p.toPrecision(2))}`;
