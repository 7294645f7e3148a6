/** The tensor datatypes of the Open Inference Protocol V2. */
export const DATATYPES = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "BF16",
  "FP32",
  "FP64",
  "BYTES",
] as const;

export type Datatype = (typeof DATATYPES)[number];
export type FixedDatatype = Exclude<Datatype, "BYTES">;

/** Bytes of one element in the binary form; BYTES has no fixed size. */
export const ELEMENT_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
} as const satisfies Record<FixedDatatype, number>;

const KNOWN = new Set<string>(DATATYPES);

export function isDatatype(value: unknown): value is Datatype {
  return typeof value === "string" && KNOWN.has(value);
}

/** The name that Triton's model configuration has for a datatype. */
export const configTypeOf = (datatype: Datatype): string =>
  `TYPE_${datatype === "BYTES" ? "STRING" : datatype}`;

/** The typed array that holds each datatype; FP16 and BF16 keep their raw 16 bits. */
const ARRAY_OF = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Record<FixedDatatype, unknown>;

export type FixedData = InstanceType<(typeof ARRAY_OF)[FixedDatatype]>;

/** A zero-filled array of `length` elements of `datatype`. */
export function allocate(datatype: FixedDatatype, length: number): FixedData {
  return new ARRAY_OF[datatype](length);
}

/** Elements of `datatype` over existing memory; `byteOffset` must be a multiple of the size. */
export function viewOf(
  datatype: FixedDatatype,
  memory: ArrayBufferLike,
  byteOffset: number,
  length: number,
): FixedData {
  return new ARRAY_OF[datatype](memory as ArrayBuffer, byteOffset, length);
}
