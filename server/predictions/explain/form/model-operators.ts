import type { GraphNode } from "../graph/read-graph";
import { UnreadableGraph } from "../graph/unreadable-graph";
import type { Transform } from "../trees/ensemble";
import { transformOf } from "../trees/read-ensemble";
import { softmax } from "./answer-operators";
import {
  type Answers,
  answersOf,
  columnsOf,
  combine,
  constantOf,
  numbersIn,
  plainSums,
  type Sum,
  type Value,
} from "./values";

const negated = (sum: Sum): Sum => combine(0, [{ weight: -1, sum }]);

/** Trees over a prepared matrix, with what the operator makes of their sums. */
export function treeAnswers(node: GraphNode, matrix: Value | undefined): Answers {
  const { ensemble } = node;
  if (!ensemble || !matrix) throw new UnreadableGraph("an ensemble has no matrix");
  const columns = columnsOf(matrix);
  if (ensemble.column.some((column) => column >= columns.width)) {
    throw new UnreadableGraph("trees look at columns that are not there");
  }
  numbersIn(columns);
  const sums = Array.from({ length: ensemble.targets }, (_, target): Sum => {
    const weights = new Float64Array(ensemble.targets);
    weights[target] = 1;
    return { bias: 0, features: new Map(), trees: [{ ensemble, matrix: columns, weights }] };
  });
  const [only] = sums;
  if (ensemble.second === "none" || !only) return linked(columns.rows, sums, ensemble.transform);
  // onnxruntime completes one score: by 1 − s where no leaf is below zero, whatever the transform.
  if (ensemble.second === "complement") {
    return answersOf(columns.rows, [combine(1, [{ weight: -1, sum: only }]), only]);
  }
  const link = ensemble.transform === "LOGISTIC" ? "logistic" : "identity";
  return answersOf(columns.rows, [negated(only), only], link);
}

function linked(rows: number, sums: readonly Sum[], transform: Transform): Answers {
  if (transform === "SOFTMAX") return softmax(answersOf(rows, sums));
  return answersOf(rows, sums, transform === "LOGISTIC" ? "logistic" : "identity");
}

const rowsOf = (value: Value): number => (value.kind === "constant" ? 0 : value.rows);

/** matrix × weights + intercept; `weight(i, j)` is that of input column i for output j. */
function product(
  matrix: Value,
  outputs: number,
  weight: (input: number, output: number) => number,
  intercept: (output: number) => number,
): Answers {
  const inputs = plainSums(matrix);
  const sums = Array.from({ length: outputs }, (_, output) =>
    combine(
      intercept(output),
      inputs.map((sum, input) => ({ weight: weight(input, output), sum })),
    ),
  );
  return answersOf(rowsOf(matrix), sums);
}

/** MatMul and Gemm with constant weights. */
export function matrixProduct(node: GraphNode, inputs: readonly Value[]): Answers {
  const [matrix, weights, intercept] = inputs;
  if (!matrix || !weights) throw new UnreadableGraph("a product has one factor");
  const constant = constantOf(weights);
  const numbers = numbersIn(constant);
  const isGemm = node.operator === "Gemm";
  const flag = (name: string) => isGemm && node.attributes.get(name)?.int === 1;
  const factor = (name: string) => (isGemm ? (node.attributes.get(name)?.float ?? 1) : 1);
  if (flag("transA")) throw new UnreadableGraph("rows and columns change places");
  const [height = 0, width = 1] = constant.shape;
  const isTurned = flag("transB");
  const count = isTurned ? height : width;
  if ((isTurned ? width : height) !== plainSums(matrix).length || constant.shape.length > 2) {
    throw new UnreadableGraph("a product's factors do not fit");
  }
  const added = intercept ? numbersIn(constantOf(intercept)) : undefined;
  return product(
    matrix,
    count,
    (i, j) => factor("alpha") * (numbers[isTurned ? j * width + i : i * width + j] ?? 0),
    (j) => factor("beta") * (added?.[added.length === 1 ? 0 : j] ?? 0),
  );
}

/** LinearRegressor and LinearClassifier: a row of coefficients an output. */
export function linearModel(node: GraphNode, matrix: Value | undefined): Answers {
  if (!matrix) throw new UnreadableGraph("a linear model has no matrix");
  const coefficients = node.attributes.get("coefficients")?.floats ?? [];
  const intercepts = node.attributes.get("intercepts")?.floats ?? [];
  const width = plainSums(matrix).length;
  const outputs = coefficients.length / width;
  if (!Number.isInteger(outputs) || outputs < 1) {
    throw new UnreadableGraph("the coefficients of a linear model do not fit");
  }
  const made = product(
    matrix,
    outputs,
    (i, j) => coefficients[j * width + i] ?? 0,
    (j) => intercepts[j] ?? 0,
  );
  const transform = transformOf(node.attributes.get("post_transform")?.text ?? "NONE");
  const sums = plainSums(made);
  const [only] = sums;
  if (node.operator === "LinearClassifier" && outputs === 1 && only) {
    if (transform !== "LOGISTIC") throw new UnreadableGraph("one score stands for two classes");
    return answersOf(made.rows, [negated(only), only], "logistic");
  }
  return linked(made.rows, sums, transform);
}
