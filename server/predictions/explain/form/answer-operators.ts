import type { GraphNode } from "../graph/read-graph";
import { UnreadableGraph } from "../graph/unreadable-graph";
import {
  type Answers,
  answersOf,
  combine,
  constantOf,
  type Link,
  type Linked,
  numbersIn,
  plainSums,
  type Sum,
  type Value,
} from "./values";

const rowsOf = (values: readonly Value[]): number =>
  Math.max(...values.map((value) => (value.kind === "constant" ? 0 : value.rows)));

/** Each column as a sum; a constant's are sums of nothing but a bias. */
function sumsOf(value: Value): Sum[] {
  if (value.kind !== "constant") return plainSums(value);
  if (value.data.length !== (value.shape.at(-1) ?? 1)) {
    throw new UnreadableGraph("a constant has rows of its own");
  }
  return Array.from(numbersIn(value), (bias) => ({ bias, features: new Map(), trees: [] }));
}

/** Both sides with as many columns as the wider has. */
function matched(a: Sum[], b: Sum[]): [Sum, Sum][] {
  const width = Math.max(a.length, b.length);
  return Array.from({ length: width }, (_, at) => {
    const left = a[a.length === 1 ? 0 : at];
    const right = b[b.length === 1 ? 0 : at];
    if (!left || !right) throw new UnreadableGraph("sums of different widths meet");
    return [left, right];
  });
}

const isOne = (value: Value | undefined): boolean =>
  value?.kind === "constant" && value.data.length === 1 && value.data[0] === 1;

/** Add, Sub, Mul and Div where a sum takes part. */
export function arithmetic(operator: string, inputs: readonly Value[]): Answers {
  const [a, b] = inputs;
  if (!a || !b) throw new UnreadableGraph("an operand is missing");
  if (operator === "Sub" && isOne(a) && b.kind === "answers") {
    const isLogistic = b.columns.every(({ link }) => link === "logistic");
    // 1 − σ(s) is σ(−s).
    if (isLogistic)
      return answersOf(
        b.rows,
        b.columns.map(({ sum }) => scaled(sum, -1)),
        "logistic",
      );
  }
  if (operator === "Add" || operator === "Sub") {
    const sign = operator === "Sub" ? -1 : 1;
    const sums = matched(sumsOf(a), sumsOf(b)).map(([left, right]) =>
      combine(0, [
        { weight: 1, sum: left },
        { weight: sign, sum: right },
      ]),
    );
    return answersOf(rowsOf(inputs), sums);
  }
  const [sum, factor] = a.kind === "constant" && operator === "Mul" ? [b, a] : [a, b];
  const factors = numbersIn(constantOf(factor));
  const pairs = matched(sumsOf(sum), sumsOf(factor));
  const sums = pairs.map(([left], at) => {
    const by = factors[factors.length === 1 ? 0 : at] ?? 0;
    return scaled(left, operator === "Div" ? 1 / by : by);
  });
  return answersOf(rowsOf(inputs), sums);
}

const scaled = (sum: Sum, weight: number): Sum => combine(0, [{ weight, sum }]);

/** Sums with a link on top. */
export const linkedBy = (link: Link, value: Value): Answers =>
  answersOf(rowsOf([value]), plainSums(value), link);

/** Of two columns the softmax is the logistic function of their difference. */
export function softmax(value: Value): Answers {
  const sums = plainSums(value);
  const [first, second] = sums;
  if (sums.length !== 2 || !first || !second) return linkedBy("softmax", value);
  const difference = combine(0, [
    { weight: 1, sum: second },
    { weight: -1, sum: first },
  ]);
  return answersOf(rowsOf([value]), [scaled(difference, -1), difference], "logistic");
}

/** Answers side by side. */
export function joinAnswers(values: readonly Value[]): Answers {
  const columns = values.flatMap((value): Linked[] =>
    value.kind === "answers" ? value.columns : answersOf(0, sumsOf(value)).columns,
  );
  return { kind: "answers", rows: rowsOf(values), columns };
}

/** Shares that add up to 1 by themselves stay as they are. */
export function normalized(node: GraphNode, value: Value): Answers {
  if (value.kind !== "answers" || (node.attributes.get("norm")?.text ?? "MAX") !== "L1") {
    throw new UnreadableGraph("rows are normalized");
  }
  const links = new Set(value.columns.map(({ link }) => link));
  if (links.size === 1 && (links.has("softmax") || (links.has("logistic") && isPair(value)))) {
    return value;
  }
  throw new UnreadableGraph("scores are normalized");
}

const isPair = ({ columns }: Answers): boolean => columns.length === 2;

/** Some of the columns. */
export function pickAnswers(value: Answers, places: Value | undefined): Answers {
  if (!places) throw new UnreadableGraph("a parameter is missing");
  const columns = Array.from(numbersIn(constantOf(places)), (place) => {
    const column = value.columns.at(place);
    if (!column) throw new UnreadableGraph("a column is picked that is not there");
    return column;
  });
  return { ...value, columns };
}
