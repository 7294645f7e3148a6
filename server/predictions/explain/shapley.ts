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
}

interface Budget {
  /** Rows the model may be asked for. */
  evaluations: number;
  /** Evenly spread over [0, 1); draws the orders. */
  draw: () => number;
}

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
  { evaluations, draw }: Budget,
): Promise<Attribution> {
  const pairs = Math.max(1, Math.floor(evaluations / (2 * (features + 1))));
  const walks = Array.from({ length: pairs }, (_, pair) => {
    const order = shuffled(features, draw);
    const background = pair % backgrounds;
    return [
      { order, background },
      { order: order.toReversed(), background },
    ];
  }).flat();
  const answers = await evaluate(
    walks.flatMap(({ order, background }) => stepsOf(order, background)),
  );
  const sums = new Array<number>(features).fill(0);
  let base = 0;
  for (const [at, { order }] of walks.entries()) {
    const from = at * (features + 1);
    base += answers[from] ?? 0;
    for (const [step, feature] of order.entries()) {
      const gain = (answers[from + step + 1] ?? 0) - (answers[from + step] ?? 0);
      sums[feature] = (sums[feature] ?? 0) + gain;
    }
  }
  return {
    base: base / walks.length,
    contributions: sums.map((sum) => sum / walks.length),
    method: "sampled",
  };
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
