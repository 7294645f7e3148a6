import {
  badRequest,
  checkTensorBytes,
  type Datatype,
  decodeBinaryData,
  elementCount,
  type InferRequest,
  isDatatype,
  isReservedParameter,
  type MessageLimits,
  type Parameters,
  parseClassification,
  quoted,
  type RequestedOutput,
  refuseSharedMemory,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import { readParameter } from "./read-parameter";
import { readContents } from "./tensor-contents";
import { malformed, WireReader } from "./wire-reader";

/** Entries of one list of a message; each costs more memory than its bytes. */
const ENTRIES_MAX = 10_000;
const RANK_MAX = 32;

/** Whom a request is for; the rest of it is not looked at. */
export interface Addressed {
  name: string;
  /** Undefined where the caller leaves the choice to the server. */
  version: string | undefined;
}

/** Reads the name and version alone. Throws ProtocolError 400. */
export function readAddress(bytes: Buffer): Addressed {
  const reader = new WireReader(bytes);
  let name = "";
  let version = "";
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) version = reader.text();
    else reader.skip();
  }
  if (name === "") throw badRequest("model_name is missing");
  return { name, version: version || undefined };
}

export interface InferMessage {
  request: InferRequest;
  /** Entries of `parameters` that the reply repeats, as they came. */
  echoed: Buffer[];
  /** Whether the tensors came in raw_input_contents, and so go back. */
  isRaw: boolean;
  /** Whether a stream's reply shall say that it is the last one of its request. */
  wantsFinal: boolean;
}

interface Given {
  header: { name: string; datatype: Datatype; shape: number[] };
  count: number;
  contents: WireReader | undefined;
}

/** Reads a ModelInferRequest. Throws ProtocolError 400, 501 for what is not supported. */
export function readInferRequest(bytes: Buffer, limits: MessageLimits): InferMessage {
  const reader = new WireReader(bytes);
  const parameters: Parameters = new Map();
  const echoed: Buffer[] = [];
  const given: Given[] = [];
  const outputs: RequestedOutput[] = [];
  const raw: Buffer[] = [];
  let id: string | undefined;
  while (reader.next()) {
    if (reader.field === 3) id = parseId(reader.text());
    else if (reader.field === 4) readOwnParameter(reader.bytes(), parameters, echoed);
    else if (reader.field === 5) add(given, readInput(reader.message(), limits), "inputs");
    else if (reader.field === 6) add(outputs, readOutput(reader.message()), "outputs");
    else if (reader.field === 7) add(raw, reader.bytes(), "raw_input_contents");
    else reader.skip();
  }
  refuseTwice(
    given.map((one) => one.header.name),
    "input",
    "is given twice",
  );
  refuseTwice(
    outputs.map((one) => one.name),
    "output",
    "is asked for twice",
  );
  const request: InferRequest = {
    id,
    parameters,
    inputs: raw.length > 0 ? rawTensors(given, raw) : given.map(typedTensor),
    outputs: outputs.length > 0 ? outputs : undefined,
    binaryOutput: true,
  };
  const isRaw = raw.length > 0 || parameters.get("binary_data_output") === true;
  const wantsFinal = parameters.get("triton_enable_empty_final_response") === true;
  return { request, echoed, isRaw, wantsFinal };
}

function add<T>(list: T[], entry: T, what: string): void {
  if (list.length >= ENTRIES_MAX) throw badRequest(`${what} has more than ${ENTRIES_MAX} entries`);
  list.push(entry);
}

function refuseTwice(names: string[], kind: string, what: string): void {
  if (names.length < 2) return;
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw badRequest(`${kind} ${quoted(name)} ${what}`);
    seen.add(name);
  }
}

function parseId(id: string): string | undefined {
  if (id.length > 1024) throw badRequest("id is longer than 1024 characters");
  return id === "" ? undefined : id;
}

function readOwnParameter(entry: Buffer, parameters: Parameters, echoed: Buffer[]): void {
  const [name, value] = readParameter(new WireReader(entry));
  parameters.set(name, value);
  if (!isReservedParameter(name)) add(echoed, entry, "parameters");
}

function readInput(reader: WireReader, { tensorBytesMax }: MessageLimits): Given {
  let name = "";
  let datatype = "";
  const shape: number[] = [];
  const parameters: Parameters = new Map();
  let contents: WireReader | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) datatype = reader.text();
    else if (reader.field === 3) readShape(reader, shape);
    else if (reader.field === 4) addParameter(reader, parameters);
    else if (reader.field === 5) {
      if (contents) throw malformed("contents is given twice");
      contents = reader.message();
    } else reader.skip();
  }
  if (name === "") throw badRequest("each input must have a name");
  if (!isDatatype(datatype))
    throw badRequest(`input ${quoted(name)}: datatype ${quoted(datatype)} is not known`);
  refuseSharedMemory(parameters, name);
  const count = elementCount(name, shape);
  checkTensorBytes(name, datatype, count, tensorBytesMax);
  return { header: { name, datatype, shape }, count, contents };
}

/** Dimensions, packed or one by one; what is no dimension is refused with the shape as a whole. */
function readShape(reader: WireReader, shape: unknown[]): void {
  const add = (value: number | bigint) => {
    if (shape.length >= RANK_MAX) throw badRequest(`a shape has more than ${RANK_MAX} dimensions`);
    shape.push(value);
  };
  if (reader.type === 0) add(reader.integer(true));
  else {
    const packed = reader.message();
    while (packed.at < packed.end) add(packed.integer(true));
  }
}

function readOutput(reader: WireReader): RequestedOutput {
  let name = "";
  const parameters: Parameters = new Map();
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) addParameter(reader, parameters);
    else reader.skip();
  }
  if (name === "") throw badRequest("each output must have a name");
  refuseSharedMemory(parameters, name);
  return { name, binary: true, classification: parseClassification(parameters, name) };
}

function addParameter(reader: WireReader, parameters: Parameters): void {
  const [name, value] = readParameter(reader.message());
  if (parameters.size >= ENTRIES_MAX)
    throw badRequest(`parameters has more than ${ENTRIES_MAX} entries`);
  parameters.set(name, value);
}

function rawTensors(given: readonly Given[], raw: readonly Buffer[]): Tensor[] {
  if (raw.length !== given.length)
    throw badRequest(
      `raw_input_contents has ${raw.length} entries for ${given.length} inputs: it needs one for each`,
    );
  return given.map(({ header, count, contents }, at) => {
    if (contents && contents.at < contents.end)
      throw badRequest(
        `input ${quoted(header.name)}: contents and raw_input_contents exclude each other`,
      );
    return { ...header, data: decodeBinaryData(header, count, raw[at] ?? Buffer.alloc(0)) };
  });
}

const typedTensor = ({ header, count, contents }: Given): Tensor => ({
  ...header,
  data: readContents(header, count, contents),
});
