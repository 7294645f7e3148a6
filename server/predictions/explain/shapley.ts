/**
 * Values of the model for rows made of two: `mask[f]` says whether feature f is the explained row's (1) or
 * that of background row `background` (0). One answer for each.
 */
export type Evaluate = (asked: readonly Mixed[]) => Promise<ArrayLike<number>>;
export interface Mixed {
  mask: Uint8Array;
  background: number;
}

export interface Attribution {
  /** What the model answers on average where no feature is known. */
  base: number;
  /** One contribution a feature; with `base` they add up to what is explained. */
  contributions: number[];
  /** exact: of every coalition; sampled: of drawn orders of the features. */
  method: "exact" | "sampled";
  /** Sampled: standard error of each contribution, as far as the draw of orders goes. */
  standardErrors?: number[];
}

export interface Budget {
  /** Rows the model may be asked for to be exact, and at least asked for otherwise. */
  evaluations: number;
  /** Rows it may be asked for until the errors are small. */
  evaluationsMax: number;
  /** Evenly spread over [0, 1); draws the orders. */
  draw: () => number;
  /** Whether no more rows may be asked for, looked at between rounds. */
  isOver: () => boolean;
}

/** Standard errors are small below this share of the largest contribution. */
const SMALL_SHARE = 0.01;

/**
 * Shapley values of one row against background rows. Exact where all coalitions of features fit the budget
 * (2^features × backgrounds), else from permutations, each with its reverse (Mitchell, Cooper, Frank,
 * Holmes 2022); both add up exactly.
 */
export function shapleyValues(
  features: number,
  backgrounds: number,
  evaluate: Evaluate,
  budget: Budget,
): Promise<Attribution> {
  const coalitions = features < 31 ? 2 ** features * backgrounds : Infinity;
  return coalitions <= budget.evaluations
    ? exactValues(features, backgrounds, evaluate)
    : sampledValues(features, backgrounds, evaluate, budget);
}

async function exactValues(
  features: number,
  backgrounds: number,
  evaluate: Evaluate,
): Promise<Attribution> {
  const count = 2 ** features;
  const asked = Array.from({ length: count }, (_, bits) => {
    const mask = Uint8Array.from({ length: features }, (__, f) => (bits >> f) & 1);
    return Array.from({ length: backgrounds }, (__, background) => ({ mask, background }));
  });
  const answers = await evaluate(asked.flat());
  const worth = Array.from({ length: count }, (_, bits) =>
    meanOf(answers, bits * backgrounds, backgrounds),
  );
  const weights = coalitionWeights(features);
  const contributions = Array.from({ length: features }, (_, f) => {
    let sum = 0;
    for (let bits = 0; bits < count; bits += 1) {
      if ((bits >> f) & 1) continue;
      const gain = (worth[bits | (1 << f)] ?? 0) - (worth[bits] ?? 0);
      sum += (weights[bitCount(bits)] ?? 0) * gain;
    }
    return sum;
  });
  return { base: worth[0] ?? 0, contributions, method: "exact" };
}

/** |S|! (n − |S| − 1)! / n! by the size of S. */
function coalitionWeights(features: number): number[] {
  const weights: number[] = [];
  let choose = 1;
  for (let size = 0; size < features; size += 1) {
    weights.push(1 / (features * choose));
    choose = (choose * (features - 1 - size)) / (size + 1);
  }
  return weights;
}

async function sampledValues(
  features: number,
  backgrounds: number,
  evaluate: Evaluate,
  { evaluations, evaluationsMax, draw, isOver }: Budget,
): Promise<Attribution> {
  const pairRows = 2 * (features + 1);
  const fitting = Math.max(2, Math.floor(evaluations / pairRows));
  // Whole turns through the background, where there is room for one.
  const round = fitting - (fitting > backgrounds ? fitting % backgrounds : 0);
  const pairsMax = Math.max(round, Math.floor(evaluationsMax / pairRows));
  const totals = new PairTotals(features, backgrounds);
  do {
    const walks = Array.from({ length: Math.min(round, pairsMax - totals.pairs) }, (_, at) => {
      const order = shuffled(features, draw);
      return { order, background: (totals.pairs + at) % backgrounds };
    });
    const answers = await evaluate(
      walks.flatMap(({ order, background }) => [
        ...stepsOf(order, background),
        ...stepsOf(order.toReversed(), background),
      ]),
    );
    for (const [at, { order }] of walks.entries()) totals.add(answers, at * pairRows, order);
  } while (totals.pairs < pairsMax && !totals.isSmall() && !isOver());
  return totals.result();
}

/** Mean and summed squared distances from it, a feature (Welford 1962). */
class Spread {
  count = 0;
  readonly means: Float64Array;
  readonly squares: Float64Array;

  constructor(features: number) {
    this.means = new Float64Array(features);
    this.squares = new Float64Array(features);
  }

  add(values: Float64Array): void {
    this.count += 1;
    for (const [feature, one] of values.entries()) {
      const before = this.means[feature] ?? 0;
      const mean = before + (one - before) / this.count;
      this.means[feature] = mean;
      this.squares[feature] = (this.squares[feature] ?? 0) + (one - before) * (one - mean);
    }
  }
}

/** The features' gains over pairs of an order and its reverse; background rows take turns. */
class PairTotals {
  pairs = 0;
  private base = 0;
  private readonly all: Spread;
  private readonly strata: Spread[];
  private readonly gains: Float64Array;

  constructor(features: number, backgrounds: number) {
    this.all = new Spread(features);
    this.strata = Array.from({ length: backgrounds }, () => new Spread(features));
    this.gains = new Float64Array(features);
  }

  add(answers: ArrayLike<number>, from: number, order: readonly number[]): void {
    const gain = (at: number) => (answers[from + at + 1] ?? 0) - (answers[from + at] ?? 0);
    const back = order.length + 1;
    for (const [step, feature] of order.entries()) {
      this.gains[feature] = (gain(step) + gain(back + order.length - 1 - step)) / 2;
    }
    this.strata[this.pairs % this.strata.length]?.add(this.gains);
    this.all.add(this.gains);
    this.pairs += 1;
    this.base += ((answers[from] ?? 0) - this.base) / this.pairs;
  }

  isSmall(): boolean {
    const largest = this.all.means.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    return this.errors().every((error) => error <= SMALL_SHARE * largest);
  }

  /** Within background rows, since these are given; over all where one had fewer than two orders. */
  private errors(): number[] {
    const strata = this.strata.every(({ count }) => count > 1) ? this.strata : [this.all];
    return Array.from(this.all.means, (_, feature) => {
      const variance = strata.reduce(
        (sum, { count, squares }) => sum + (count * (squares[feature] ?? 0)) / (count - 1),
        0,
      );
      return Math.sqrt(variance) / this.pairs;
    });
  }

  result(): Attribution {
    return {
      base: this.base,
      contributions: Array.from(this.all.means),
      method: "sampled",
      standardErrors: this.errors(),
    };
  }
}

/** The background row, then one feature more of the explained row at each step. */
function stepsOf(order: readonly number[], background: number): Mixed[] {
  const mask = new Uint8Array(order.length);
  const steps: Mixed[] = [{ mask: mask.slice(), background }];
  for (const feature of order) {
    mask[feature] = 1;
    steps.push({ mask: mask.slice(), background });
  }
  return steps;
}

function shuffled(length: number, draw: () => number): number[] {
  const order = Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at -= 1) {
    const other = Math.floor(draw() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}

function meanOf(values: ArrayLike<number>, from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at += 1) sum += values[at] ?? 0;
  return sum / count;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest; rest &= rest - 1) count += 1;
  return count;
}
