import { readFields, type WireField, WireFormatError } from "@/server/node/onnx/wire-reader";
import { UnfitModel } from "./unfit-model";
import { lengthPrefix } from "./wire-writer";

/** A part of a file that is being put together: bytes that are here, or a range of a file beside. */
export type Piece = Buffer | { location: string; start: number; length: number };

/** ModelProto.graph; GraphProto.initializer; TensorProto.raw_data, .external_data, .data_location. */
const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;
const KEY = 1;
const VALUE = 2;

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + piece.length, 0);

/**
 * The pieces of an ONNX file whose weights in other files (onnx/docs/ExternalData.md) are put into
 * it; `sizeOf` is the size of a file beside it, undefined where there is none. Weights of graphs
 * within nodes stay where they are. Throws UnfitModel for a file that is not there or too short.
 */
export function inlineWeights(
  bytes: Buffer,
  sizeOf: (location: string) => number | undefined,
): Piece[] {
  const message = (start: number, end: number, change: (field: WireField) => Piece[] | null) => {
    const pieces: Piece[] = [];
    let at = start;
    for (const field of readFields(bytes, start, end)) {
      pieces.push(...(change(field) ?? [bytes.subarray(at, field.end)]));
      at = field.end;
    }
    return pieces;
  };
  const within = (field: WireField, change: (inner: WireField) => Piece[] | null) => {
    if (field.value !== undefined) return null;
    const pieces = message(field.start, field.end, change);
    return [lengthPrefix(field.number, lengthOf(pieces)), ...pieces];
  };
  const initializer = (field: WireField) => {
    const range = outsideRange(bytes, field, sizeOf);
    if (!range) return null;
    const rest = message(field.start, field.end, ({ number }) =>
      [RAW_DATA, EXTERNAL_DATA, DATA_LOCATION].includes(number) ? [] : null,
    );
    const pieces = [...rest, lengthPrefix(RAW_DATA, range.length), range];
    return [lengthPrefix(INITIALIZER, lengthOf(pieces)), ...pieces];
  };
  try {
    return message(0, bytes.byteLength, (field) =>
      field.number === GRAPH
        ? within(field, (inner) => (inner.number === INITIALIZER ? initializer(inner) : null))
        : null,
    );
  } catch (error) {
    if (!(error instanceof WireFormatError)) throw error;
    throw new UnfitModel(`The file is not an ONNX model: ${error.message}.`);
  }
}

/** Where a tensor's elements lie outside; undefined when they are within. */
function outsideRange(
  bytes: Buffer,
  tensor: WireField,
  sizeOf: (location: string) => number | undefined,
): Exclude<Piece, Buffer> | undefined {
  if (tensor.value !== undefined) return undefined;
  const entries = new Map<string, string>();
  let isOutside = false;
  for (const field of readFields(bytes, tensor.start, tensor.end)) {
    if (field.number === DATA_LOCATION) isOutside = field.value === 1n;
    if (field.number !== EXTERNAL_DATA || field.value !== undefined) continue;
    const parts = [...readFields(bytes, field.start, field.end)];
    const text = (wanted: number) => {
      const part = parts.find(({ number }) => number === wanted);
      return part ? bytes.toString("utf8", part.start, part.end) : "";
    };
    entries.set(text(KEY), text(VALUE));
  }
  if (!isOutside) return undefined;
  const location = entries.get("location") ?? "";
  const size = sizeOf(location);
  if (size === undefined) {
    throw new UnfitModel(
      `The model keeps weights in the file ${location}, which is not beside it.`,
    );
  }
  const start = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? size - start);
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(length);
  if (!isRange || start < 0 || length < 0 || start + length > size) {
    throw new UnfitModel(`The model asks for weights beyond the end of the file ${location}.`);
  }
  return { location, start, length };
}
