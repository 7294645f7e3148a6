import { ALTERNATIVES, logMeanExp } from "./rate-odds";

/** What one variant was asked in one stratum, and how often it did wrong. */
export interface Tally {
  requests: number;
  wrong: number;
}

/** Both variants in the same short time. */
export interface Stratum {
  stable: Tally;
  candidate: Tally;
}

/**
 * Evidence that the candidate does wrong more often than the stable variant, its odds more than
 * `tolerated` times as high: the logarithm of the highest value the e-process had. In a stratum, and
 * given how much went wrong in all, how much of it is the candidate's follows Fisher's noncentral
 * hypergeometric distribution; strata multiply. The null is composite (odds ratio ≤ tolerated), which
 * the monotone likelihood ratio allows. Grünwald, de Heide, Koolen 2024; Turner, Ly, Grünwald 2024.
 */
export function compareRates(strata: readonly Stratum[], tolerated: number): number {
  const sums = ALTERNATIVES.map(() => 0);
  let highest = 0;
  for (const stratum of strata) {
    const weights = logWeights(stratum);
    if (weights.terms.length < 2) continue;
    const null_ = logProbability(weights, Math.log(tolerated));
    ALTERNATIVES.forEach((times, index) => {
      const alternative = logProbability(weights, Math.log(tolerated * times));
      sums[index] = (sums[index] ?? 0) + alternative - null_;
    });
    highest = Math.max(highest, logMeanExp(sums));
  }
  return highest;
}

/**
 * Logarithm of the probability, under Fisher's noncentral hypergeometric distribution with this odds
 * ratio, that as much of what went wrong in the stratum is the candidate's as was seen.
 */
export const logHypergeometric = (stratum: Stratum, oddsRatio: number): number =>
  logProbability(logWeights(stratum), Math.log(oddsRatio));

interface Weights {
  /** log C(nC, x) C(nS, m − x) up to a constant, for every possible x. */
  terms: number[];
  /** The x of the first term. */
  first: number;
  seen: number;
}

function logWeights({ stable, candidate }: Stratum): Weights {
  const wrong = stable.wrong + candidate.wrong;
  const first = Math.max(0, wrong - stable.requests);
  const last = Math.min(wrong, candidate.requests);
  const terms = [0];
  let term = 0;
  for (let x = first; x < last; x++) {
    const up = (candidate.requests - x) * (wrong - x);
    const down = (x + 1) * (stable.requests - wrong + x + 1);
    term += Math.log(up / down);
    terms.push(term);
  }
  return { terms, first, seen: candidate.wrong };
}

function logProbability({ terms, first, seen }: Weights, logOdds: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < terms.length; i++) top = Math.max(top, (terms[i] ?? 0) + i * logOdds);
  let sum = 0;
  for (let i = 0; i < terms.length; i++) sum += Math.exp((terms[i] ?? 0) + i * logOdds - top);
  const at = seen - first;
  return (terms[at] ?? Number.NEGATIVE_INFINITY) + at * logOdds - top - Math.log(sum);
}
