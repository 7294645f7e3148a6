import { isUtf8 } from "node:buffer";
import { decodeBinaryData } from "./binary-tensor";
import { isDatatype } from "./datatypes";
import { decodeJsonData } from "./json-tensor";
import { parseProtocolJson } from "./parse-json";
import { badRequest, quoted } from "./protocol-error";
import { refuseSharedMemory } from "./reserved-parameters";
import {
  checkTensorBytes,
  elementCount,
  type Parameters,
  type ParameterValue,
  type Tensor,
} from "./tensor";

/** Bounds on what one message may make us allocate. */
export type MessageLimits = { tensorBytesMax: number };

/** A JSON object as parsed: own names only are ever read, through `field`. */
export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function field(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/**
 * The value of the header `Inference-Header-Content-Length`: bytes of JSON in front of the binary
 * tensors; undefined when there is no such header. Throws ProtocolError 400 when it is not a number
 * between 0 and the length of the body.
 */
export function parseHeaderLength(
  value: string | string[] | undefined,
  bodyBytes: number,
): number | undefined {
  if (value === undefined) return undefined;
  const length = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : -1;
  if (length < 0 || length > bodyBytes)
    throw badRequest(
      `Inference-Header-Content-Length must be a number from 0 to the body's ${bodyBytes} bytes`,
    );
  return length;
}

/** The JSON object at the start of a message. */
export function parseHead(body: Uint8Array, headerLength: number | undefined): Fields {
  const head = headerLength === undefined ? body : body.subarray(0, headerLength);
  if (!isUtf8(head)) throw badRequest("the JSON is not valid UTF-8");
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString();
  const parsed = parseProtocolJson(text);
  if (!isFields(parsed)) throw badRequest("the body must be a JSON object");
  return parsed;
}

export function parseId(head: Fields): string | undefined {
  const id = field(head, "id");
  if (id === undefined || id === null) return undefined;
  if (typeof id !== "string") throw badRequest("id must be a string");
  if (id.length > 1024) throw badRequest("id is longer than 1024 characters");
  return id;
}

/** `parameters` of a message, an input or an output. */
export function parseParameters(fields: Fields, where: string): Parameters | undefined {
  const raw = field(fields, "parameters");
  if (raw === undefined || raw === null) return undefined;
  if (!isFields(raw)) throw badRequest(`parameters of ${where} must be an object`);
  const parameters: Parameters = new Map();
  for (const [name, value] of Object.entries(raw)) {
    if (!isParameterValue(value))
      throw badRequest(
        `parameter ${quoted(name)} of ${where} must be a string, a number or a boolean`,
      );
    parameters.set(name, value);
  }
  return parameters;
}

function isParameterValue(value: unknown): value is ParameterValue {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

/**
 * The tensors of a message: each either with JSON `data` or with `binary_data_size` bytes taken, in
 * order, from what follows the JSON. Throws ProtocolError 400.
 */
export function parseTensors(
  list: unknown,
  kind: "input" | "output",
  binary: Uint8Array,
  limits: MessageLimits,
): Tensor[] {
  if (!Array.isArray(list)) throw badRequest(`${kind}s must be a list`);
  const tensors: Tensor[] = [];
  const names = new Set<string>();
  let at = 0;
  for (const entry of list) {
    const { tensor, count, size } = parseTensorHeader(entry, kind);
    if (names.has(tensor.name)) throw badRequest(`${kind} ${quoted(tensor.name)} is given twice`);
    names.add(tensor.name);
    checkTensorBytes(tensor.name, tensor.datatype, count, limits.tensorBytesMax);
    const data = field(entry, "data");
    if (size !== undefined) {
      if (data !== undefined)
        throw badRequest(`${kind} ${quoted(tensor.name)} has both data and binary_data_size`);
      if (size > binary.byteLength - at)
        throw badRequest(
          `${kind} ${quoted(tensor.name)}: binary_data_size ${size} is more than the ${binary.byteLength - at} bytes left`,
        );
      tensor.data = decodeBinaryData(tensor, count, binary.subarray(at, at + size));
      at += size;
    } else {
      tensor.data = decodeJsonData(tensor, count, data);
    }
    tensors.push(tensor);
  }
  if (at !== binary.byteLength)
    throw badRequest(`${binary.byteLength - at} bytes behind the last binary tensor`);
  return tensors;
}

function parseTensorHeader(entry: unknown, kind: string) {
  if (!isFields(entry)) throw badRequest(`each ${kind} must be an object`);
  const name = parseName(entry, kind);
  const datatype = field(entry, "datatype");
  if (!isDatatype(datatype))
    throw badRequest(`${kind} ${quoted(name)}: datatype ${quoted(String(datatype))} is not known`);
  const shape = field(entry, "shape");
  if (!Array.isArray(shape)) throw badRequest(`${kind} ${quoted(name)}: shape must be a list`);
  const count = elementCount(name, shape);
  const parameters = parseParameters(entry, `${kind} ${quoted(name)}`);
  refuseSharedMemory(parameters, name);
  const tensor: Tensor = { name, datatype, shape, data: [] };
  if (parameters !== undefined) tensor.parameters = parameters;
  return { tensor, count, size: parseBinarySize(parameters, name) };
}

export function parseName(entry: Fields, kind: string): string {
  const name = field(entry, "name");
  if (typeof name !== "string" || name === "") throw badRequest(`each ${kind} must have a name`);
  return name;
}

function parseBinarySize(parameters: Parameters | undefined, name: string): number | undefined {
  const size = parameters?.get("binary_data_size");
  if (size === undefined) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw badRequest(`input ${quoted(name)}: binary_data_size must be an integer of 0 or more`);
  return size;
}

/** `parameters` as JSON text; bigint as a plain integer, NaN and infinities as strings. */
export function parametersJson(parameters: Parameters): string {
  const members: string[] = [];
  for (const [name, value] of parameters) {
    const finite = typeof value !== "number" || Number.isFinite(value);
    const text =
      typeof value === "bigint" ? value.toString() : JSON.stringify(finite ? value : String(value));
    members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(",")}}`;
}
