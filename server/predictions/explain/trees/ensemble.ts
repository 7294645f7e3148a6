/** How a node compares a value with its threshold. */
export const MODE = { leaf: 0, leq: 1, lt: 2, gte: 3, gt: 4, eq: 5, neq: 6 } as const;

/** Trees as parallel arrays over the nodes of all of them. */
export interface Ensemble {
  /** Root node of each tree. */
  roots: Int32Array;
  /** Column of the matrix that is compared. */
  column: Int32Array;
  mode: Uint8Array;
  threshold: Float64Array;
  /** Nodes that follow where the comparison is true and where it is not. */
  yes: Int32Array;
  no: Int32Array;
  /** 1 where a missing value counts as true. */
  missingYes: Uint8Array;
  /** The weights of leaf node n are those from leafStart[n] to leafStart[n + 1]. */
  leafStart: Int32Array;
  leafTarget: Int32Array;
  /** Divided by the number of trees already where their average is taken. */
  leafWeight: Float64Array;
  targets: number;
  /** Added to the sum, one a target. */
  base: Float64Array;
  /** What follows the sums. */
  transform: Transform;
  /** Classifiers of two classes that keep the score of one: how the other follows from it. */
  second: "none" | "complement" | "opposite";
}

export type Transform = "NONE" | "LOGISTIC" | "SOFTMAX";

/** Whether a value takes the branch `yes` of an inner node. */
export function goesYes(ensemble: Ensemble, node: number, value: number): boolean {
  if (Number.isNaN(value) && ensemble.missingYes[node] === 1) return true;
  const threshold = ensemble.threshold[node] ?? 0;
  switch (ensemble.mode[node]) {
    case MODE.leq:
      return value <= threshold;
    case MODE.lt:
      return value < threshold;
    case MODE.gte:
      return value >= threshold;
    case MODE.gt:
      return value > threshold;
    case MODE.eq:
      return value === threshold;
    default:
      return value !== threshold;
  }
}
