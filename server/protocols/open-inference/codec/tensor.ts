import { type Datatype, ELEMENT_BYTES, type FixedData } from "./datatypes";
import { badRequest, quoted } from "./protocol-error";

/**
 * Elements in row-major order. BOOL is a Uint8Array of 0 and 1, FP16 and BF16 are raw 16-bit words
 * in a Uint16Array, UINT64 and INT64 are BigInt arrays, BYTES is one string (UTF-8) or one byte
 * array an element.
 */
export type TensorData = FixedData | string[] | Uint8Array[];

/** Scalars only, as the protocol allows; bigint for integers beyond 2^53. */
export type ParameterValue = string | number | boolean | bigint;
/** A Map, since parameter names come from the caller and may be `__proto__`. */
export type Parameters = Map<string, ParameterValue>;

export type Tensor = {
  name: string;
  datatype: Datatype;
  /** Lengths of the dimensions, each >= 0; their product is `data.length`. */
  shape: number[];
  data: TensorData;
  parameters?: Parameters;
};

/** What a model declares about one input or output; -1 is a dimension of any length. */
export type TensorSpec = { name: string; datatype: Datatype; shape: number[] };

const RANK_MAX = 32;

/**
 * The number of elements of `shape`, with the shape checked: integers >= 0, at most 32 of them, the
 * product exact. Throws ProtocolError 400.
 */
export function elementCount(name: string, shape: readonly unknown[]): number {
  if (shape.length > RANK_MAX)
    throw badRequest(
      `tensor ${quoted(name)}: shape has ${shape.length} dimensions, at most ${RANK_MAX} are allowed`,
    );
  let count = 1;
  let zero = false;
  for (const length of shape) {
    if (typeof length === "number" && length < 0)
      throw badRequest(`tensor ${quoted(name)}: shape must not have negative dimensions`);
    if (typeof length === "bigint")
      throw badRequest(`tensor ${quoted(name)}: a dimension of its shape is too large`);
    if (typeof length !== "number" || !Number.isSafeInteger(length))
      throw badRequest(`tensor ${quoted(name)}: shape must be a list of integers`);
    if (length === 0) zero = true;
    else count *= length;
    if (count > Number.MAX_SAFE_INTEGER)
      throw badRequest(`tensor ${quoted(name)}: the product of its shape is too large`);
  }
  return zero ? 0 : count;
}

/** Refuses a tensor whose elements would need more than `bytesMax` bytes of memory. */
export function checkTensorBytes(
  name: string,
  datatype: Datatype,
  count: number,
  bytesMax: number,
): void {
  // A BYTES element is at least a four-byte length on the wire and a pointer in memory.
  const bytes = count * (datatype === "BYTES" ? 8 : ELEMENT_BYTES[datatype]);
  if (bytes > bytesMax)
    throw badRequest(
      `tensor ${quoted(name)}: ${bytes} bytes are more than the limit of ${bytesMax} bytes`,
    );
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(",")}]`;
}
