import type { Attribute, GraphNode } from "../graph/read-graph";
import type { ElementType } from "../graph/read-tensor";
import { UnreadableGraph } from "../graph/unreadable-graph";
import { elementwise } from "./elementwise";
import type { Columns } from "./values";

type List = { type: ElementType; values: ArrayLike<number | string> };

/** LabelEncoder of ai.onnx.ml 2 and later: keys to values, everything else to the default. */
export function encodeLabels({ attributes }: GraphNode, matrix: Columns): Columns {
  const keys = listAt(attributes, "keys");
  const values = listAt(attributes, "values");
  const table = new Map(Array.from(keys.values, (key, at) => [key, values.values[at]]));
  const otherwise = defaultOf(attributes, values.type);
  return elementwise([matrix], values.type, (cell = "") => table.get(cell) ?? otherwise);
}

const KINDS: readonly [suffix: string, type: ElementType][] = [
  ["_strings", "text"],
  ["_int64s", "integer"],
  ["_floats", "float"],
  ["_tensor", "double"],
];

function listAt(attributes: GraphNode["attributes"], name: string): List {
  for (const [suffix, type] of KINDS) {
    const attribute = attributes.get(name + suffix);
    if (!attribute) continue;
    if (attribute.tensor) return { type: attribute.tensor.type, values: attribute.tensor.data };
    return { type, values: filled(attribute) };
  }
  throw new UnreadableGraph(`a table has no ${name}`);
}

const filled = ({ texts, ints, floats }: Attribute): (number | string)[] =>
  texts.length > 0 ? texts : ints.length > 0 ? ints : floats;

function defaultOf(attributes: GraphNode["attributes"], type: ElementType): number | string {
  const tensor = attributes.get("default_tensor")?.tensor;
  if (tensor) return tensor.data[0] ?? 0;
  if (type === "text") return attributes.get("default_string")?.text ?? "_Unused";
  if (type === "integer") return attributes.get("default_int64")?.int ?? -1;
  return attributes.get("default_float")?.float ?? -0;
}

/**
 * OneHotEncoder of one column: a column a category. The runtime gives it one dimension more, which the
 * graph takes away again.
 */
export function encodeOneHot({ attributes }: GraphNode, matrix: Columns): Columns {
  if (matrix.width !== 1) throw new UnreadableGraph("several columns are encoded at once");
  if (attributes.get("zeros")?.int === 0)
    throw new UnreadableGraph("unknown categories are errors");
  const texts = attributes.get("cats_strings")?.texts ?? [];
  const categories = texts.length > 0 ? texts : (attributes.get("cats_int64s")?.ints ?? []);
  if (categories.length === 0) throw new UnreadableGraph("there are no categories");
  const data = new Float64Array(matrix.rows * categories.length);
  for (let row = 0; row < matrix.rows; row += 1) {
    const place = (categories as (number | string)[]).indexOf(matrix.data[row] ?? "");
    if (place >= 0) data[row * categories.length + place] = 1;
  }
  const features = new Int32Array(categories.length).fill(matrix.features[0] ?? -1);
  const width = categories.length;
  return { kind: "columns", type: "float", rows: matrix.rows, width, data, features };
}
