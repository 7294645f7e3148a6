import { UnreadableGraph } from "./unreadable-graph";
import type { WireCursor } from "./wire-cursor";

/** Single-precision numbers are kept as such: every operation on them is rounded as the runtime does. */
export type ElementType = "float" | "double" | "integer" | "boolean" | "text";

export interface Constant {
  kind: "constant";
  type: ElementType;
  shape: readonly number[];
  /** Row-major. */
  data: Float64Array | string[];
}

/** TensorProto.DataType of onnx.proto3 by number. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: "float",
  2: "integer",
  3: "integer",
  4: "integer",
  5: "integer",
  6: "integer",
  7: "integer",
  8: "text",
  9: "boolean",
  11: "double",
  12: "integer",
  13: "integer",
};

/** Which of our types a TensorProto.DataType is. Throws UnreadableGraph for others. */
export function elementType(number: number): ElementType {
  const type = TYPES[number];
  if (type) return type;
  throw new UnreadableGraph(`the element type ${number} is not known`);
}

/** A TensorProto with its name. Throws UnreadableGraph. */
export function readTensor(cursor: WireCursor): Constant & { name: string } {
  let name = "";
  let dataType = 0;
  let raw: Uint8Array | undefined;
  const shape: number[] = [];
  const numbers: number[] = [];
  const texts: string[] = [];
  while (cursor.next()) {
    if (cursor.field === 1) cursor.numbers(shape, "varint");
    else if (cursor.field === 2) dataType = cursor.varint();
    else if (cursor.field === 4) cursor.numbers(numbers, "float");
    else if (cursor.field === 5 || cursor.field === 7) cursor.numbers(numbers, "varint");
    else if (cursor.field === 10) cursor.numbers(numbers, "double");
    else if (cursor.field === 6) texts.push(cursor.text());
    else if (cursor.field === 8) name = cursor.text();
    else if (cursor.field === 9) raw = cursor.content();
    else cursor.skip();
  }
  const type = elementType(dataType);
  const data = type === "text" ? texts : raw ? fromRaw(raw, dataType) : Float64Array.from(numbers);
  const length = shape.reduce((product, one) => product * one, 1);
  if (data.length !== length) throw new UnreadableGraph(`the tensor ${name} is not whole`);
  return { kind: "constant", name, type, shape, data };
}

function fromRaw(raw: Uint8Array, dataType: number): Float64Array {
  const { buffer } = raw;
  switch (dataType) {
    case 1:
      return Float64Array.from(new Float32Array(buffer));
    case 2:
    case 9:
      return Float64Array.from(raw);
    case 3:
      return Float64Array.from(new Int8Array(buffer));
    case 6:
      return Float64Array.from(new Int32Array(buffer));
    case 7:
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 11:
      return new Float64Array(buffer);
    default:
      throw new UnreadableGraph(`tensors of the type ${dataType} are not read`);
  }
}
