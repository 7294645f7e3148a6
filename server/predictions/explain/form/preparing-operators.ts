import type { Attribute, GraphNode } from "../graph/read-graph";
import { type Constant, type ElementType, elementType } from "../graph/read-tensor";
import { UnreadableGraph } from "../graph/unreadable-graph";
import { join, pick } from "./columns";
import { elementwise } from "./elementwise";
import { encodeLabels, encodeOneHot } from "./encoders";
import { type Columns, columnsOf, constantOf, numbersIn, type Value } from "./values";

type Operator = (node: GraphNode, inputs: readonly Value[], output: number) => Value;

const typeOf = (values: readonly Value[]): ElementType => {
  const first = values.find((value) => value.kind === "columns");
  return first?.kind === "columns" ? first.type : "double";
};

const each =
  (operation: (...numbers: number[]) => number, type?: ElementType): Operator =>
  (_node, inputs) =>
    elementwise(inputs, type ?? typeOf(inputs), (...cells) => operation(...cells.map(Number)));

const compare =
  (operation: (a: number | string, b: number | string) => boolean): Operator =>
  (_node, inputs) =>
    elementwise(inputs, "boolean", (a = 0, b = 0) => Number(operation(a, b)));

const number = (node: GraphNode, name: string, otherwise: number): number =>
  node.attributes.get(name)?.int ?? otherwise;

/** ONNX's names of the operators whose columns follow from one feature each when their inputs' do. */
export const PREPARING: Readonly<Record<string, Operator>> = {
  Cast: (node, [value]) => cast(value, elementType(number(node, "to", 0))),
  IsNaN: each((a = 0) => Number(Number.isNaN(a)), "boolean"),
  Not: each((a = 0) => Number(!a), "boolean"),
  And: each((a = 0, b = 0) => Number(Boolean(a) && Boolean(b)), "boolean"),
  Or: each((a = 0, b = 0) => Number(Boolean(a) || Boolean(b)), "boolean"),
  Equal: compare((a, b) => a === b),
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  Where: (_node, inputs) =>
    elementwise(inputs, typeOf(inputs.slice(1)), (test = 0, a = 0, b = 0) => (test ? a : b)),
  Abs: each((a = 0) => Math.abs(a)),
  Neg: each((a = 0) => -a),
  Sqrt: each((a = 0) => Math.sqrt(a)),
  Log: each((a = 0) => Math.log(a)),
  Floor: each((a = 0) => Math.floor(a)),
  Ceil: each((a = 0) => Math.ceil(a)),
  Sign: each((a = 0) => Math.sign(a)),
  Reciprocal: each((a = 0) => 1 / a),
  Relu: each((a = 0) => Math.max(0, a)),
  Add: each((a = 0, b = 0) => a + b),
  Sub: each((a = 0, b = 0) => a - b),
  Mul: each((a = 0, b = 0) => a * b),
  Div: each((a = 0, b = 0) => a / b),
  Pow: each((a = 0, b = 0) => a ** b),
  Min: each((...all) => Math.min(...all)),
  Max: each((...all) => Math.max(...all)),
  Clip: (node, inputs) => {
    const low = node.attributes.get("min")?.float ?? bound(inputs[1], Number.NEGATIVE_INFINITY);
    const high = node.attributes.get("max")?.float ?? bound(inputs[2], Number.POSITIVE_INFINITY);
    return each((a = 0) => Math.min(high, Math.max(low, a)))(node, inputs.slice(0, 1), 0);
  },
  Gather: (node, [matrix, places]) => {
    if (number(node, "axis", 0) !== 1 || !matrix || !places) {
      throw new UnreadableGraph("rows are picked");
    }
    return pick(columnsOf(matrix), Array.from(numbersIn(constantOf(places))));
  },
  ArrayFeatureExtractor: (_node, [matrix, places]) => {
    if (!matrix || !places) throw new UnreadableGraph("a parameter is missing");
    return pick(columnsOf(matrix), Array.from(numbersIn(constantOf(places))));
  },
  Concat: (node, inputs) => {
    if (![1, -1].includes(number(node, "axis", 0))) throw new UnreadableGraph("rows are joined");
    return join(inputs.map(columnsOf));
  },
  FeatureVectorizer: (_node, inputs) => join(inputs.map(columnsOf)),
  Scaler: (node, [matrix]) => {
    const offset = listOf(node.attributes.get("offset"));
    const scale = listOf(node.attributes.get("scale"));
    return each((a = 0, b = 0, c = 0) => Math.fround(a - b) * c, "float")(
      node,
      [needed(matrix), offset, scale],
      0,
    );
  },
  Imputer: (node, [matrix]) => {
    const fill = listOf(node.attributes.get("imputed_value_floats"));
    const gap = node.attributes.get("replaced_value_float")?.float ?? 0;
    const isGap = (a: number) => (Number.isNaN(gap) ? Number.isNaN(a) : a === gap);
    return each((a = 0, b = 0) => (isGap(a) ? b : a))(node, [needed(matrix), fill], 0);
  },
  LabelEncoder: (node, [matrix]) => encodeLabels(node, columnsOf(needed(matrix))),
  OneHotEncoder: (node, [matrix]) => encodeOneHot(node, columnsOf(needed(matrix))),
};

function needed(value: Value | undefined): Value {
  if (value) return value;
  throw new UnreadableGraph("an input is missing");
}

const bound = (value: Value | undefined, otherwise: number): number =>
  value ? (numbersIn(constantOf(value))[0] ?? otherwise) : otherwise;

function listOf(attribute: Attribute | undefined): Constant {
  const floats = attribute?.floats ?? [];
  if (floats.length === 0) throw new UnreadableGraph("a list of numbers is missing");
  return {
    kind: "constant",
    type: "float",
    shape: [floats.length],
    data: Float64Array.from(floats),
  };
}

function cast(value: Value | undefined, type: ElementType): Value {
  const from = needed(value);
  if (from.kind === "answers" || from.type === type) return from;
  if (type === "text" || from.type === "text") throw new UnreadableGraph("texts are cast");
  if (from.kind === "constant") return { ...from, type };
  return elementwise([from], type, (cell = 0) => cell) satisfies Columns;
}
