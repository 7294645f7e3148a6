import type { Constant, ElementType } from "../graph/read-tensor";
import { UnreadableGraph } from "../graph/unreadable-graph";
import { type Columns, isColumns, type Value } from "./values";

type Operand = Columns | Constant;
type Cell = number | string;

/** Numbers as the runtime would hold them. */
const ROUND: Readonly<Record<ElementType, (value: number) => number>> = {
  float: Math.fround,
  double: (value) => value,
  integer: Math.trunc,
  boolean: (value) => (value ? 1 : 0),
  text: () => Number.NaN,
};

/** One operand's element at a row and column; single columns and single values are repeated. */
function reader(value: Operand): (row: number, column: number) => Cell {
  const { data } = value;
  if (value.kind === "columns") {
    const { width } = value;
    if (width === 1) return (row) => data[row] ?? 0;
    return (row, column) => data[row * width + column] ?? 0;
  }
  if (data.length === 1) return () => data[0] ?? 0;
  return (_row, column) => data[column] ?? 0;
}

function widthOf(value: Operand): number {
  if (value.kind === "columns") return value.width;
  const last = value.shape.at(-1) ?? 1;
  // More than one row of a constant would be matched with rows of the request.
  if (value.data.length !== last) throw new UnreadableGraph("a constant has rows of its own");
  return last;
}

/** The one feature that a column of all operands follows from. */
function featureAt(operands: readonly Operand[], column: number): number {
  let found = -1;
  for (const one of operands) {
    if (one.kind === "constant") continue;
    const feature = one.features[one.width === 1 ? 0 : column] ?? -1;
    if (feature < 0 || feature === found) continue;
    if (found >= 0) throw new MixedFeatures("a column follows from two features");
    found = feature;
  }
  return found;
}

/** A column that follows from several features; where they are added up, it is a sum. */
export class MixedFeatures extends UnreadableGraph {
  override name = "MixedFeatures";
}

/** Applies `operation` element by element, with the broadcasting of rows and columns. */
export function elementwise(
  values: readonly Value[],
  type: ElementType,
  operation: (...cells: Cell[]) => Cell,
): Columns {
  const operands = values.map((value): Operand => {
    if (value.kind === "answers") throw new UnreadableGraph("answers are used further");
    return value;
  });
  const first = operands.find(isColumns);
  if (!first) throw new UnreadableGraph("constants are reckoned with each other");
  const { rows } = first;
  const width = Math.max(...operands.map(widthOf));
  if (operands.some((one) => ![1, width].includes(widthOf(one)))) {
    throw new UnreadableGraph("matrices of different widths meet");
  }
  const features = Int32Array.from({ length: width }, (_, column) => featureAt(operands, column));
  const read = operands.map(reader);
  const length = rows * width;
  const texts: string[] = type === "text" ? new Array<string>(length).fill("") : [];
  const numbers = new Float64Array(type === "text" ? 0 : length);
  const round = ROUND[type];
  for (let at = 0; at < length; at += 1) {
    const row = Math.floor(at / width);
    const cell = operation(...read.map((one) => one(row, at % width)));
    if (type === "text") texts[at] = String(cell);
    else numbers[at] = round(Number(cell));
  }
  const data = type === "text" ? texts : numbers;
  return { kind: "columns", type, rows, width, data, features };
}
