import type { Graph, GraphNode } from "../graph/read-graph";
import { UnreadableGraph } from "../graph/unreadable-graph";
import {
  arithmetic,
  joinAnswers,
  linkedBy,
  normalized,
  pickAnswers,
  softmax,
} from "./answer-operators";
import { MixedFeatures } from "./elementwise";
import { linearModel, matrixProduct, treeAnswers } from "./model-operators";
import { PREPARING } from "./preparing-operators";
import { type Answers, answersOf, type Columns, numbersIn, plainSums, type Value } from "./values";

/** Nodes one after another between inputs and answer. */
const DEPTH_MAX = 1_000;
/** Matrix elements that may be made, so that a graph of many wide steps blocks nobody. */
const CELLS_MAX = 5_000_000;

/**
 * The value of a graph's output for the given inputs, as sums of features and trees. Throws
 * UnreadableGraph where it has no such form.
 */
export function readForm(
  graph: Graph,
  output: string,
  given: ReadonlyMap<string, Columns>,
): Answers {
  const value = new Reading(graph, given).value(output, 0);
  if (value.kind === "answers") return value;
  return answersOf(value.kind === "columns" ? value.rows : 0, plainSums(value));
}

class Reading {
  private readonly known = new Map<string, Value>();
  private cells = 0;

  constructor(
    private readonly graph: Graph,
    private readonly given: ReadonlyMap<string, Columns>,
  ) {}

  value(name: string, depth: number): Value {
    const ready = this.known.get(name) ?? this.given.get(name) ?? this.graph.constants.get(name);
    if (ready) return ready;
    const node = this.graph.producers.get(name);
    if (!node) throw new UnreadableGraph(`nothing makes the value ${name}`);
    if (depth > DEPTH_MAX) throw new UnreadableGraph("the graph is too long");
    const inputs = node.inputs.flatMap((input) =>
      input === "" ? [] : this.value(input, depth + 1),
    );
    const made = apply(node, inputs, node.outputs.indexOf(name));
    if (made.kind === "columns") this.cells += made.data.length;
    if (this.cells > CELLS_MAX) throw new UnreadableGraph("the graph makes too many values");
    this.known.set(name, made);
    return made;
  }
}

const KEEPING = ["Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze"];
const ARITHMETIC = ["Add", "Sub", "Mul", "Div"];

function apply(node: GraphNode, inputs: readonly Value[], output: number): Value {
  const { operator } = node;
  const [first] = inputs;
  if (operator === "Constant") return constantAttribute(node);
  if (!first) throw new UnreadableGraph(`${operator} has no input`);
  if (KEEPING.includes(operator)) return kept(operator, first, inputs[1]);
  const model = applyModel(node, inputs, output);
  if (model) return model;
  const hasAnswers = inputs.some(({ kind }) => kind === "answers");
  if (hasAnswers) return applyToAnswers(node, inputs, first);
  const prepare = PREPARING[operator];
  if (!prepare) {
    const linking = LINKING[operator];
    if (linking) return linking(first);
    throw new UnreadableGraph(`the operator ${operator} is not read`);
  }
  try {
    return prepare(node, inputs, output);
  } catch (error) {
    if (error instanceof MixedFeatures && ARITHMETIC.includes(operator)) {
      return arithmetic(operator, inputs);
    }
    throw error;
  }
}

const LINKING: Readonly<Record<string, (value: Value) => Answers>> = {
  Sigmoid: (value) => linkedBy("logistic", value),
  Exp: (value) => linkedBy("exponential", value),
  Softmax: softmax,
};

function applyModel(
  node: GraphNode,
  inputs: readonly Value[],
  output: number,
): Answers | undefined {
  const { operator } = node;
  const [first] = inputs;
  // The other output of a classifier is its label.
  const isScores = operator.endsWith("Classifier") ? output === 1 : output === 0;
  if (node.ensemble && isScores) return treeAnswers(node, first);
  if ((operator === "LinearClassifier" || operator === "LinearRegressor") && isScores) {
    return linearModel(node, first);
  }
  return operator === "MatMul" || operator === "Gemm" ? matrixProduct(node, inputs) : undefined;
}

function applyToAnswers(node: GraphNode, inputs: readonly Value[], first: Value): Answers {
  const { operator } = node;
  if (ARITHMETIC.includes(operator)) return arithmetic(operator, inputs);
  if (operator === "Concat") return joinAnswers(inputs);
  const linking = LINKING[operator];
  if (linking) return linking(first);
  if (first.kind === "answers") {
    if (operator === "Cast") return first;
    if (operator === "Normalizer") return normalized(node, first);
    if (operator === "ArrayFeatureExtractor" || operator === "Gather") {
      return pickAnswers(first, inputs[1]);
    }
  }
  throw new UnreadableGraph(`the operator ${operator} follows the model`);
}

/** Shapes may change as long as the columns stay the same. */
function kept(operator: string, value: Value, shape: Value | undefined): Value {
  if (operator !== "Reshape" || value.kind === "constant" || shape?.kind !== "constant")
    return value;
  const width = value.kind === "columns" ? value.width : value.columns.length;
  const wanted = numbersIn(shape);
  const last = wanted.at(-1);
  // [-1] is a list of all elements, which are the rows where there is one column.
  if (width === 1 || last === width || (last === -1 && wanted.length === 2)) return value;
  throw new UnreadableGraph("columns become rows");
}

function constantAttribute({ attributes }: GraphNode): Value {
  const tensor = attributes.get("value")?.tensor;
  if (tensor) return tensor;
  throw new UnreadableGraph("a constant has no value");
}
