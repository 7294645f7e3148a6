import { chiSquareTail, kolmogorovTail } from "./tail-probabilities";

/** A predicted class, or a predicted number. */
export type Output = string | number;

export interface OutputDifference {
  /** `chi_square` of the contingency table of classes, `ks` of numbers. */
  test: "chi_square" | "ks";
  /** χ² or the distance D. */
  statistic: number;
  /** Of one look by itself. */
  pValue: number;
  /** Population stability index over classes or over tenths of the stable outputs, in nats. */
  psi: number;
}

const TENTHS = 10;
/** Classes expected less often than this are counted together (Cochran 1954). */
const EXPECTED_MIN = 5;
/** More different values than this are numbers, not classes. */
const CLASSES_MAX = 20;

/** How far the outputs of two variants lie apart. Null where one has none, or neither varies. */
export function compareOutputs(
  stable: readonly Output[],
  candidate: readonly Output[],
): OutputDifference | null {
  if (stable.length === 0 || candidate.length === 0) return null;
  const areNumbers = [...stable, ...candidate].every((one) => typeof one === "number");
  const kinds = new Set<Output>([...stable, ...candidate]);
  if (areNumbers && kinds.size > CLASSES_MAX) {
    return compareNumbers(stable as readonly number[], candidate as readonly number[]);
  }
  return compareClasses(stable, candidate, kinds);
}

function compareNumbers(stable: readonly number[], candidate: readonly number[]): OutputDifference {
  const a = Float64Array.from(stable).sort();
  const b = Float64Array.from(candidate).sort();
  const statistic = largestDistance(a, b);
  const effective = (a.length * b.length) / (a.length + b.length);
  const edges = Array.from(
    { length: TENTHS - 1 },
    (_, i) => a[Math.floor(((i + 1) * a.length) / TENTHS)] ?? 0,
  );
  return {
    test: "ks",
    statistic,
    pValue: kolmogorovTail(Math.sqrt(effective) * statistic),
    psi: stabilityIndex(histogram(a, edges), histogram(b, edges)),
  };
}

/** Two-sample Kolmogorov–Smirnov distance of sorted values. */
function largestDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

function histogram(values: Float64Array, edges: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    const bin = edges.findIndex((edge) => value < edge);
    const at = bin === -1 ? edges.length : bin;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** Σ (q − p) ln(q / p), each count smoothed by a half; Siddiqi 2006. */
export function stabilityIndex(stable: readonly number[], candidate: readonly number[]): number {
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count + 0.5, 0);
    return counts.map((count) => (count + 0.5) / total);
  };
  const [p, q] = [shares(stable), shares(candidate)];
  return p.reduce((sum, share, i) => {
    const other = q[i] ?? share;
    return sum + (other - share) * Math.log(other / share);
  }, 0);
}

function compareClasses(
  stable: readonly Output[],
  candidate: readonly Output[],
  kinds: Set<Output>,
): OutputDifference | null {
  if (kinds.size < 2) return null;
  const counts = new Map([...kinds].map((kind): [Output, [number, number]] => [kind, [0, 0]]));
  for (const one of stable) (counts.get(one) ?? [0, 0])[0]++;
  for (const one of candidate) (counts.get(one) ?? [0, 0])[1]++;
  const table = [...counts.values()];
  const merged = mergeRare(table, stable.length, candidate.length);
  const statistic = contingency(merged, stable.length, candidate.length);
  return {
    test: "chi_square",
    statistic,
    pValue: merged.length < 2 ? 1 : chiSquareTail(statistic, merged.length - 1),
    psi: stabilityIndex(
      table.map(([count]) => count),
      table.map(([, count]) => count),
    ),
  };
}

function mergeRare(table: [number, number][], n: number, m: number): [number, number][] {
  const least = Math.min(n, m) / (n + m);
  const kept: [number, number][] = [];
  const rest: [number, number] = [0, 0];
  for (const [a, b] of table) {
    if ((a + b) * least >= EXPECTED_MIN) kept.push([a, b]);
    else {
      rest[0] += a;
      rest[1] += b;
    }
  }
  if ((rest[0] + rest[1]) * least >= EXPECTED_MIN || kept.length === 0) kept.push(rest);
  else {
    const smallest = kept.reduce((low, one) => (one[0] + one[1] < low[0] + low[1] ? one : low));
    smallest[0] += rest[0];
    smallest[1] += rest[1];
  }
  return kept;
}

/** χ² of a table of two columns with these sums. */
export function contingency(table: readonly (readonly [number, number])[], n: number, m: number) {
  return table.reduce((sum, [a, b]) => {
    const [expectedA, expectedB] = [((a + b) * n) / (n + m), ((a + b) * m) / (n + m)];
    if (a + b === 0) return sum;
    return sum + (a - expectedA) ** 2 / expectedA + (b - expectedB) ** 2 / expectedB;
  }, 0);
}
