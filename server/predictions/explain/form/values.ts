import type { Constant, ElementType } from "../graph/read-tensor";
import { UnreadableGraph } from "../graph/unreadable-graph";
import type { Ensemble } from "../trees/ensemble";

/** A matrix of the rows that are evaluated, row-major. */
export interface Columns {
  kind: "columns";
  type: ElementType;
  rows: number;
  width: number;
  data: Float64Array | string[];
  /** Feature that each column follows from; -1 for one that is the same in every row. */
  features: Int32Array;
}

/** Weighted targets of an ensemble over a matrix. */
export interface TreeTerm {
  ensemble: Ensemble;
  matrix: Columns;
  weights: Float64Array;
}

/** bias + what each feature adds by itself, one value a row + trees. */
export interface Sum {
  bias: number;
  features: Map<number, Float64Array>;
  trees: TreeTerm[];
}

/** What turns a sum into an answer; softmax looks at the sums beside it too. */
export type Link = "identity" | "logistic" | "softmax" | "exponential";

export interface Linked {
  link: Link;
  sum: Sum;
}

export interface Answers {
  kind: "answers";
  rows: number;
  columns: Linked[];
}

export type Value = Constant | Columns | Answers;

export const isColumns = (value: Value): value is Columns => value.kind === "columns";

export function constantOf(value: Value): Constant {
  if (value.kind === "constant") return value;
  throw new UnreadableGraph("a parameter follows from the inputs");
}

export function numbersIn({ data }: Columns | Constant): Float64Array {
  if (data instanceof Float64Array) return data;
  throw new UnreadableGraph("numbers are texts");
}

export function columnsOf(value: Value): Columns {
  if (value.kind === "columns") return value;
  throw new UnreadableGraph("a prepared matrix was expected");
}

/** Sums without a link. A prepared matrix is one, each column a sum of one feature. */
export function plainSums(value: Value): Sum[] {
  if (value.kind === "answers") {
    if (value.columns.some(({ link }) => link !== "identity")) {
      throw new UnreadableGraph("answers are used further");
    }
    return value.columns.map(({ sum }) => sum);
  }
  const matrix = columnsOf(value);
  const numbers = numbersIn(matrix);
  return Array.from(matrix.features, (feature, column) => {
    if (feature < 0) return { bias: numbers[column] ?? 0, features: new Map(), trees: [] };
    const own = Float64Array.from(
      { length: matrix.rows },
      (_, row) => numbers[row * matrix.width + column] ?? 0,
    );
    return { bias: 0, features: new Map([[feature, own]]), trees: [] };
  });
}

export const answersOf = (
  rows: number,
  sums: readonly Sum[],
  link: Link = "identity",
): Answers => ({
  kind: "answers",
  rows,
  columns: sums.map((sum) => ({ link, sum })),
});

/** bias + Σ weight × sum. */
export function combine(bias: number, parts: readonly { weight: number; sum: Sum }[]): Sum {
  const made: Sum = { bias, features: new Map(), trees: [] };
  for (const { weight, sum } of parts) {
    if (weight === 0) continue;
    made.bias += weight * sum.bias;
    for (const [feature, values] of sum.features) {
      const before = made.features.get(feature);
      const after = before ?? new Float64Array(values.length);
      for (let row = 0; row < values.length; row += 1) {
        after[row] = (after[row] ?? 0) + weight * (values[row] ?? 0);
      }
      if (!before) made.features.set(feature, after);
    }
    for (const term of sum.trees) {
      made.trees.push({ ...term, weights: term.weights.map((one) => one * weight) });
    }
  }
  return made;
}
