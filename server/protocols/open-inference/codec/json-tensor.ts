import { allocate, type Datatype } from "./datatypes";
import { badRequest, quoted } from "./protocol-error";
import { formatShape, type Tensor, type TensorData } from "./tensor";

const INTEGER_RANGE: Partial<Record<Datatype, readonly [number, number]>> = {
  UINT8: [0, 2 ** 8 - 1],
  UINT16: [0, 2 ** 16 - 1],
  UINT32: [0, 2 ** 32 - 1],
  INT8: [-(2 ** 7), 2 ** 7 - 1],
  INT16: [-(2 ** 15), 2 ** 15 - 1],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
};
const LONG_RANGE: Partial<Record<Datatype, readonly [bigint, bigint]>> = {
  UINT64: [0n, 2n ** 64n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
};
const NON_FINITE: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

type Header = Pick<Tensor, "name" | "datatype" | "shape">;

/**
 * Elements from the JSON form: nested or flat, row-major. Integers are range-checked, floating
 * point takes numbers and the strings NaN, Infinity, -Infinity, BOOL takes true, false, 1, 0.
 * `count` is the product of the shape. Throws ProtocolError 400.
 */
export function decodeJsonData(header: Header, count: number, data: unknown): TensorData {
  const { name, datatype, shape } = header;
  if (datatype === "FP16" || datatype === "BF16")
    throw badRequest(
      `tensor ${quoted(name)}: ${datatype} has no JSON form, send it as binary data`,
    );
  if (!Array.isArray(data)) throw badRequest(`tensor ${quoted(name)}: data must be a list`);
  const got = countElements(data);
  if (got !== count)
    throw badRequest(
      `tensor ${quoted(name)}: too ${got < count ? "few" : "many"} elements, ` +
        `shape ${formatShape(shape)} needs ${count}, got ${got}`,
    );
  if (datatype === "BYTES") {
    const out: string[] = [];
    each(data, (value) => {
      if (typeof value !== "string") throw wrongElement(header, value);
      out.push(value);
    });
    return out;
  }
  const out = allocate(datatype, count);
  const convert = CONVERT[datatype];
  let at = 0;
  each(data, (value) => {
    const element = convert(value, datatype);
    if (element === undefined) throw wrongElement(header, value);
    out[at++] = element;
  });
  return out;
}

function countElements(data: unknown[]): number {
  let count = 0;
  for (const value of data) count += Array.isArray(value) ? countElements(value) : 1;
  return count;
}

/** Depth is bounded by the JSON depth limit, so recursion is safe. */
function each(data: unknown[], visit: (value: unknown) => void): void {
  for (const value of data) {
    if (Array.isArray(value)) each(value, visit);
    else visit(value);
  }
}

function wrongElement({ name, datatype }: Header, value: unknown): Error {
  const shown =
    typeof value === "string" ? quoted(value) : typeof value === "object" ? "null" : String(value);
  const got = typeof value === "object" && value !== null ? "an object" : shown;
  const hint = value === null && datatype.startsWith("FP") ? ' (write "NaN" for no value)' : "";
  return badRequest(`tensor ${quoted(name)}: ${got} is not a ${datatype} element${hint}`);
}

type Convert = (value: unknown, datatype: Datatype) => number | bigint | undefined;

function toFloat(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" && Object.hasOwn(NON_FINITE, value)
    ? NON_FINITE[value]
    : undefined;
}

function toInteger(value: unknown, datatype: Datatype): number | undefined {
  const [min, max] = INTEGER_RANGE[datatype] ?? [0, 0];
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
    ? value
    : undefined;
}

function toLong(value: unknown, datatype: Datatype): bigint | undefined {
  if (typeof value === "number" && !Number.isSafeInteger(value)) return undefined;
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  const long = BigInt(value);
  const [min, max] = LONG_RANGE[datatype] ?? [0n, 0n];
  return long >= min && long <= max ? long : undefined;
}

function toBool(value: unknown): number | undefined {
  if (value === true || value === 1) return 1;
  return value === false || value === 0 ? 0 : undefined;
}

const CONVERT: Record<Exclude<Datatype, "BYTES" | "FP16" | "BF16">, Convert> = {
  BOOL: toBool,
  UINT8: toInteger,
  UINT16: toInteger,
  UINT32: toInteger,
  UINT64: toLong,
  INT8: toInteger,
  INT16: toInteger,
  INT32: toInteger,
  INT64: toLong,
  FP32: toFloat,
  FP64: toFloat,
};

/**
 * The JSON text of a tensor's elements, flat. NaN and infinities become the strings "NaN",
 * "Infinity", "-Infinity", which every JSON parser reads. Throws ProtocolError 400 for FP16, BF16
 * and for BYTES that are not UTF-8, which only have a binary form.
 */
export function encodeJsonData(tensor: Tensor): string {
  const { name, datatype } = tensor;
  const data: ArrayLike<unknown> = tensor.data;
  if (datatype === "FP16" || datatype === "BF16")
    throw badRequest(
      `tensor ${quoted(name)}: ${datatype} has no JSON form, ask for it as binary data`,
    );
  if (datatype === "BYTES") return JSON.stringify(Array.from(data, (value) => textOf(name, value)));
  if (datatype === "BOOL") return `[${Array.from(data, (value) => value !== 0).join(",")}]`;
  if (datatype === "FP32" || datatype === "FP64")
    return `[${Array.from(data, (value) => floatText(Number(value))).join(",")}]`;
  return `[${Array.from(data).join(",")}]`;
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  // String(-0) is "0", which would lose the sign.
  return value === 0 && Object.is(value, -0) ? "-0.0" : String(value);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return utf8.decode(value as Uint8Array);
  } catch {
    throw badRequest(
      `tensor ${quoted(name)}: its BYTES are not UTF-8, ask for them as binary data`,
    );
  }
}
