import { goesYes, MODE } from "../trees/ensemble";
import { addTreeValues, type WalkBudget } from "../trees/tree-shapley";
import { type Answers, numbersIn, type Sum, type TreeTerm } from "./values";

/** Which of the evaluated rows is explained; the background is those from `from` on. */
export interface Place {
  row: number;
  from: number;
}

const rowOf = ({ matrix }: TreeTerm, row: number): Float64Array =>
  numbersIn(matrix).subarray(row * matrix.width, (row + 1) * matrix.width);

/** The sum's Shapley values: exact. Throws as addTreeValues does. */
export async function sumValues(
  sum: Sum,
  rows: number,
  place: Place,
  features: number,
  budget: WalkBudget,
): Promise<{ base: number; contributions: Float64Array }> {
  const contributions = new Float64Array(features);
  let base = sum.bias;
  for (const [feature, values] of sum.features) {
    const background = values.subarray(place.from);
    const mean = background.reduce((total, one) => total + one, 0) / background.length;
    contributions[feature] = (values[place.row] ?? 0) - mean;
    base += mean;
  }
  for (const { trees, ...term } of gathered(sum.trees)) {
    const background = Array.from({ length: rows - place.from }, (_, at) =>
      rowOf(term, place.from + at),
    );
    const game = { ensemble: term.ensemble, weights: trees, features: term.matrix.features };
    base += await addTreeValues(game, rowOf(term, place.row), background, budget, contributions);
  }
  return { base, contributions };
}

/** Several targets of an ensemble are one walk. */
function gathered(terms: readonly TreeTerm[]): (TreeTerm & { trees: Float64Array })[] {
  const found: (TreeTerm & { trees: Float64Array })[] = [];
  for (const term of terms) {
    const same = found.find((one) => one.ensemble === term.ensemble && one.matrix === term.matrix);
    if (!same) found.push({ ...term, trees: term.weights.slice() });
    else
      for (const [at, weight] of term.weights.entries())
        same.trees[at] = (same.trees[at] ?? 0) + weight;
  }
  return found;
}

/** What each column of the answers is for a row. */
export function answersAt({ columns }: Answers, row: number): number[] {
  const worths = columns.map(({ sum }) => worthAt(sum, row));
  const most = Math.max(...worths);
  const total = worths.reduce((all, one) => all + Math.exp(one - most), 0);
  return worths.map((worth, at) => {
    switch (columns[at]?.link) {
      case "logistic":
        return 1 / (1 + Math.exp(-worth));
      case "exponential":
        return Math.exp(worth);
      case "softmax":
        return Math.exp(worth - most) / total;
      default:
        return worth;
    }
  });
}

function worthAt(sum: Sum, row: number): number {
  let worth = sum.bias;
  for (const values of sum.features.values()) worth += values[row] ?? 0;
  for (const term of sum.trees) worth += treesAt(term, rowOf(term, row));
  return worth;
}

function treesAt({ ensemble, weights }: TreeTerm, row: Float64Array): number {
  let worth = ensemble.base.reduce((sum, one, at) => sum + one * (weights[at] ?? 0), 0);
  for (const root of ensemble.roots) {
    let node = root;
    // No path is longer than there are nodes, unless it goes in circles.
    for (
      let left = ensemble.mode.length;
      left > 0 && ensemble.mode[node] !== MODE.leaf;
      left -= 1
    ) {
      const value = row[ensemble.column[node] ?? 0] ?? 0;
      node = (goesYes(ensemble, node, value) ? ensemble.yes[node] : ensemble.no[node]) ?? 0;
    }
    const end = ensemble.leafStart[node + 1] ?? 0;
    for (let at = ensemble.leafStart[node] ?? 0; at < end; at += 1) {
      worth += (ensemble.leafWeight[at] ?? 0) * (weights[ensemble.leafTarget[at] ?? 0] ?? 0);
    }
  }
  return worth;
}
