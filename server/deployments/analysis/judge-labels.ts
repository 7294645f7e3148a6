import type { Stratum, Tally } from "./compare-rates";
import type { LabelFacts, Outcome } from "./facts";
import { countOf, inChance } from "./in-words";
import type { JudgeMetric, Reading } from "./judge";
import { judgeRate } from "./judge-rate";
import { mannWhitney } from "./mann-whitney";

/** Outcomes told in the same time are one stratum, milliseconds. */
const STRATUM_MS = 10_000;
/** A version whose error is larger in no more of the pairs is as good. */
const LARGER_SHARE_MAX = 0.55;

/**
 * Whether the candidate's predictions are further from what came of them. Too few outcomes hold
 * nothing up: they may come long after the roll-out is over.
 */
export const judgeLabels: JudgeMetric = ({ labels }, settings, alpha) => {
  const { outcomes, before, isClass } = labels ?? NOTHING_TOLD;
  const stable = before ?? outcomes.filter((one) => !one.isCandidate);
  const candidate = outcomes.filter((one) => one.isCandidate);
  const least = settings.minOutcomes;
  const told = `${countOf(candidate.length, "outcome")} of the new version, ${countOf(stable.length, "outcome")} of the stable one`;
  if (Math.min(stable.length, candidate.length) < least) {
    const message = `${told}: compared from ${least} of each, and nothing waits for them.`;
    return { ...blank(stable, candidate), message };
  }
  if (isClass) return judgeClasses({ outcomes, before }, settings.wrongOddsMax, least, alpha);
  return judgeNumbers({ outcomes, before }, stable, candidate, least, alpha);
};

const NOTHING_TOLD: LabelFacts = { isClass: true, outcomes: [], before: null };
type Told = Pick<LabelFacts, "outcomes" | "before">;

/** Wrong classes, tested like failing requests, in the order in which outcomes were told. */
function judgeClasses(told: Told, tolerated: number, least: number, alpha: number): Reading {
  const before = told.before && tally(told.before);
  const strata = strataOf(told.outcomes);
  return judgeRate({
    metric: "label_quality",
    strata,
    before,
    tolerated,
    minRequests: least,
    // All that was told counts, whatever step it was asked in.
    inStep: { stable: least, candidate: least },
    alpha,
    did: "were predicted wrong",
    noun: "outcome",
  });
}

const tally = (list: readonly Outcome[]): Tally => ({
  requests: list.length,
  wrong: list.reduce((sum, one) => sum + one.error, 0),
});

function strataOf(outcomes: readonly Outcome[]): Stratum[] {
  const slots = new Map<number, Outcome[]>();
  for (const one of outcomes) {
    const slot = Math.floor(one.toldMs / STRATUM_MS);
    const list = slots.get(slot);
    if (list) list.push(one);
    else slots.set(slot, [one]);
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .map(([, list]) => ({
      stable: tally(list.filter((one) => !one.isCandidate)),
      candidate: tally(list.filter((one) => one.isCandidate)),
    }));
}

/**
 * Absolute errors, tested each time both versions have twice as many outcomes. The k-th of these
 * tests spends alpha / (k (k + 1)), so all of them together spend alpha, however often one looks.
 */
function judgeNumbers(
  told: Told,
  stable: readonly Outcome[],
  candidate: readonly Outcome[],
  least: number,
  alpha: number,
): Reading {
  const seen: [number[], number[]] = [(told.before ?? []).map((one) => one.error), []];
  let [checks, pValue, z, isWorse] = [0, 1, 0, false];
  for (const one of told.outcomes) {
    seen[one.isCandidate ? 1 : 0].push(one.error);
    if (Math.min(seen[0].length, seen[1].length) < least * 2 ** checks) continue;
    checks++;
    const found = mannWhitney(seen[0], seen[1]);
    if (!found) continue;
    z = found.z;
    const spent = Math.min(1, found.pValue * checks * (checks + 1));
    pValue = Math.min(pValue, spent);
    isWorse ||= spent <= alpha && found.largerShare > LARGER_SHARE_MAX;
  }
  const [mine, other] = [meanOf(candidate), meanOf(stable)];
  const compared = `Errors of ${figure(mine)} on average over ${countOf(candidate.length, "outcome")}, ${figure(other)} over ${countOf(stable.length, "outcome")} of the stable version`;
  return {
    ...blank(stable, candidate),
    stableValue: other,
    candidateValue: mine,
    statistic: z,
    pValue,
    verdict: isWorse ? "fail" : "pass",
    message: isWorse
      ? `${compared}: the new version is worse (${inChance(pValue)}).`
      : `${compared}: no sign that the new version is worse.`,
  };
}

const meanOf = (list: readonly Outcome[]): number =>
  list.reduce((sum, one) => sum + one.error, 0) / Math.max(1, list.length);

const figure = (value: number): string => String(Number(value.toPrecision(3)));

const blank = (stable: readonly Outcome[], candidate: readonly Outcome[]): Reading => ({
  metric: "label_quality",
  stableCount: stable.length,
  stableValue: null,
  candidateCount: candidate.length,
  candidateValue: null,
  statistic: null,
  pValue: null,
  lowerBound: null,
  upperBound: null,
  verdict: "pass",
  message: "",
});
