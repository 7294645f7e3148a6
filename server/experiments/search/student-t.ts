/**
 * Student's t distribution, as far as a confidence interval of a mean needs it. The distribution function
 * comes from the regularized incomplete beta function by its continued fraction (Press et al., Numerical
 * Recipes, 3rd ed., 6.4), the quantile from it by bisection.
 */

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function for x ≥ 0.5 (Lanczos, g = 7). */
function logGamma(x: number): number {
  const z = x - 1;
  const t = z + 7.5;
  const series = LANCZOS.reduce((sum, c, i) => sum + c / (z + i + 1), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}

const TINY = 1e-300;
const away = (x: number) => (Math.abs(x) < TINY ? TINY : x);

/** The continued fraction of the incomplete beta function, by Lentz's method. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
}

/** Regularized incomplete beta function. */
function betaRatio(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const log = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const front = Math.exp(log);
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, x)) / a
    : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

/** Probability that |T| exceeds t ≥ 0, T of `df` degrees of freedom. */
const twoTailed = (t: number, df: number): number => betaRatio(df / 2, 0.5, df / (df + t * t));

/** The t that |T| exceeds with probability 5 %, for df ≥ 1 degrees of freedom. */
export function tCritical95(df: number): number {
  let low = 1.9;
  let high = 13;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (twoTailed(middle, df) > 0.05) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** 95 % confidence interval of a mean from n values of standard deviation sd; null below two values. */
export function meanInterval95(
  mean: number,
  sd: number,
  n: number,
): { low: number; high: number } | null {
  if (n < 2) return null;
  const half = (tCritical95(n - 1) * sd) / Math.sqrt(n);
  return { low: mean - half, high: mean + half };
}
