import { decodeBinaryData } from "./binary-tensor";
import { ELEMENT_BYTES } from "./datatypes";
import { type EncodedMessage, encodeMessage } from "./encode-message";
import {
  type Fields,
  field,
  isFields,
  type MessageLimits,
  parametersJson,
  parseHead,
  parseHeaderLength,
  parseId,
  parseName,
  parseParameters,
  parseTensors,
} from "./message";
import { badRequest, quoted } from "./protocol-error";
import { refuseSharedMemory } from "./reserved-parameters";
import { checkTensorBytes, type Parameters, type Tensor, type TensorSpec } from "./tensor";

export type RequestedOutput = {
  name: string;
  /** Whether this output is wanted in the binary form. */
  binary: boolean;
  /** Classification extension: the k best classes instead of the values. */
  classification: number | undefined;
};

export type InferRequest = {
  id: string | undefined;
  parameters: Parameters;
  inputs: Tensor[];
  /** Undefined: every output of the model. */
  outputs: RequestedOutput[] | undefined;
  /** Whether outputs that are not named are wanted in the binary form. */
  binaryOutput: boolean;
};

/**
 * Reads an inference request, JSON alone or with binary tensors behind it. `headerLength` is the
 * raw value of `Inference-Header-Content-Length`. A length of 0 means a raw request, whose only
 * input is described by `rawInput`. Throws ProtocolError 400.
 */
export function parseInferRequest(
  body: Uint8Array,
  headerLength: string | string[] | undefined,
  limits: MessageLimits,
  rawInput?: () => TensorSpec,
): InferRequest {
  const length = parseHeaderLength(headerLength, body.byteLength);
  if (length === 0 && rawInput !== undefined) return parseRaw(body, rawInput(), limits);
  const head = parseHead(body, length);
  const parameters = parseParameters(head, "the request") ?? new Map();
  const binaryOutput = booleanParameter(parameters, "binary_data_output") ?? false;
  return {
    id: parseId(head),
    parameters,
    inputs: parseTensors(
      field(head, "inputs"),
      "input",
      length === undefined ? new Uint8Array(0) : body.subarray(length),
      limits,
    ),
    outputs: parseOutputs(head, binaryOutput),
    binaryOutput,
  };
}

function parseOutputs(head: Fields, binaryOutput: boolean): RequestedOutput[] | undefined {
  const list = field(head, "outputs");
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) throw badRequest("outputs must be a list");
  const names = new Set<string>();
  const outputs = list.map((entry) => {
    if (!isFields(entry)) throw badRequest("each output must be an object");
    const name = parseName(entry, "output");
    if (names.has(name)) throw badRequest(`output ${quoted(name)} is asked for twice`);
    names.add(name);
    const parameters = parseParameters(entry, `output ${quoted(name)}`);
    refuseSharedMemory(parameters, name);
    const binary = booleanParameter(parameters, "binary_data") ?? binaryOutput;
    return { name, binary, classification: parseClassification(parameters, name) };
  });
  return outputs.length === 0 ? undefined : outputs;
}

function booleanParameter(parameters: Parameters | undefined, name: string): boolean | undefined {
  const value = parameters?.get(name);
  if (value !== undefined && typeof value !== "boolean")
    throw badRequest(`parameter ${name} must be true or false`);
  return value;
}

/** The classification extension of an output; undefined where its values are wanted. Throws 400. */
export function parseClassification(
  parameters: Parameters | undefined,
  name: string,
): number | undefined {
  const count = parameters?.get("classification");
  if (count === undefined) return undefined;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > 2 ** 31 - 1)
    throw badRequest(`output ${quoted(name)}: classification must be an integer of 0 or more`);
  return count === 0 ? undefined : count;
}

/** The whole body is the one input; its one variable dimension follows from the body's length. */
function parseRaw(body: Uint8Array, spec: TensorSpec, limits: MessageLimits): InferRequest {
  const { name, datatype } = spec;
  const variable = spec.shape.filter((length) => length < 0).length;
  if (variable > 1)
    throw badRequest(`a raw request needs an input with at most one variable dimension`);
  let shape: number[];
  let data: Tensor["data"];
  if (datatype === "BYTES") {
    const fixed = spec.shape.reduce((product, length) => product * Math.abs(length), 1);
    if (fixed !== 1) throw badRequest("a raw request carries exactly one BYTES element");
    shape = spec.shape.map(() => 1);
    data = [body];
  } else {
    const fixed = spec.shape.reduce(
      (product, length) => (length < 0 ? product : product * length),
      1,
    );
    const size = fixed * ELEMENT_BYTES[datatype];
    const variableLength = variable === 0 || size === 0 ? 1 : body.byteLength / size;
    if (!Number.isInteger(variableLength))
      throw badRequest(`the raw body must be a multiple of ${size} bytes, got ${body.byteLength}`);
    shape = spec.shape.map((length) => (length < 0 ? variableLength : length));
    const count = fixed * (variable === 0 ? 1 : variableLength);
    checkTensorBytes(name, datatype, count, limits.tensorBytesMax);
    data = decodeBinaryData(spec, count, body);
  }
  const inputs = [{ name, datatype, shape, data }];
  return { id: undefined, parameters: new Map(), inputs, outputs: undefined, binaryOutput: true };
}

export type OutgoingRequest = {
  id?: string;
  parameters?: Parameters;
  inputs: readonly Tensor[];
  /** Names of the outputs wanted; undefined for all. */
  outputs?: readonly string[];
};

/** An inference request with every tensor in the chosen form, asking for outputs in the same form. */
export function encodeInferRequest(
  request: OutgoingRequest,
  form: "json" | "binary",
): EncodedMessage {
  const binary = form === "binary";
  const members: string[] = [];
  if (request.id !== undefined) members.push(`"id":${JSON.stringify(request.id)}`);
  const parameters = new Map(request.parameters);
  if (binary) parameters.set("binary_data_output", true);
  if (parameters.size > 0) members.push(`"parameters":${parametersJson(parameters)}`);
  if (request.outputs !== undefined) {
    const names = request.outputs.map((name) => `{"name":${JSON.stringify(name)}}`);
    members.push(`"outputs":[${names.join(",")}]`);
  }
  return encodeMessage(members, "inputs", request.inputs, () => binary);
}
