import { UnreadableGraph } from "../graph/unreadable-graph";
import type { Columns } from "./values";

/** Some columns of a matrix, in the given order; below zero they are counted from the end. */
export function pick(matrix: Columns, wanted: readonly number[]): Columns {
  const { rows, width, data } = matrix;
  const places = wanted.map((one) => (one < 0 ? one + width : one));
  if (places.some((one) => !(one >= 0 && one < width))) {
    throw new UnreadableGraph("a column is picked that is not there");
  }
  const at = (i: number) => {
    const place = places[i % places.length] ?? 0;
    return Math.floor(i / places.length) * width + place;
  };
  const length = rows * places.length;
  return {
    ...matrix,
    width: places.length,
    features: Int32Array.from(places, (place) => matrix.features[place] ?? -1),
    data:
      data instanceof Float64Array
        ? Float64Array.from({ length }, (_, i) => data[at(i)] ?? 0)
        : Array.from({ length }, (_, i) => data[at(i)] ?? ""),
  };
}

/** Matrices side by side. */
export function join(parts: readonly Columns[]): Columns {
  const [first] = parts;
  if (!first) throw new UnreadableGraph("nothing is joined");
  if (parts.length === 1) return first;
  const { rows, type } = first;
  if (parts.some((part) => (part.type === "text") !== (type === "text"))) {
    throw new UnreadableGraph("texts and numbers are joined");
  }
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const features = new Int32Array(width);
  const texts: string[] = type === "text" ? new Array<string>(rows * width).fill("") : [];
  const numbers = new Float64Array(type === "text" ? 0 : rows * width);
  const data = type === "text" ? texts : numbers;
  let offset = 0;
  for (const part of parts) {
    features.set(part.features, offset);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < part.width; column += 1) {
        data[row * width + offset + column] = part.data[row * part.width + column] ?? 0;
      }
    }
    offset += part.width;
  }
  return { kind: "columns", type, rows, width, data, features };
}
