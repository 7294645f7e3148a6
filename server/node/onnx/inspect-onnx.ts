import { badRequest, quoted } from "@/server/protocols/open-inference/codec";
import {
  BUILT_IN_DOMAINS,
  FUNCTION_DOMAIN,
  MESSAGES,
  type MessageName,
  MODEL_FUNCTIONS,
  NODE_DOMAIN,
  OPSET_DOMAIN,
  TENSOR_DATA_LOCATION,
  TENSOR_EXTERNAL_DATA,
} from "./onnx-schema";
import { readFields, type WireField, WireFormatError } from "./wire-reader";

/** Graphs within If, Loop and Scan attributes nest; real models stay far below this. */
const DEPTH_MAX = 100;

type Walk = { bytes: Uint8Array; domains: ReadonlySet<string> };

/**
 * Refuses an ONNX file that would make the runtime reach outside the bytes it was given: tensors
 * stored in other files (the runtime would open their paths), operators that are not built in, and
 * fields that the ONNX format does not have. Throws ProtocolError 400; says nothing about whether
 * the graph is otherwise valid, which the runtime checks when it loads it.
 */
export function inspectOnnx(bytes: Uint8Array): void {
  try {
    const domains = new Set([...BUILT_IN_DOMAINS, ...functionDomains(bytes)]);
    const graphs = walk({ bytes, domains }, "model", 0, bytes.byteLength, 0);
    if (graphs === 0) throw badRequest("the artifact is not an ONNX model: it has no graph");
  } catch (error) {
    if (error instanceof WireFormatError)
      throw badRequest(`the artifact is not an ONNX model: ${error.message}`);
    throw error;
  }
}

/** Domains of the functions that the file itself defines out of built-in operators. */
function functionDomains(bytes: Uint8Array): string[] {
  const domains: string[] = [];
  for (const field of readFields(bytes, 0, bytes.byteLength)) {
    if (field.number !== MODEL_FUNCTIONS) continue;
    for (const inner of readFields(bytes, field.start, field.end))
      if (inner.number === FUNCTION_DOMAIN) domains.push(textOf(bytes, inner));
  }
  return domains;
}

/** Returns the number of nested messages seen directly below. */
function walk(context: Walk, name: MessageName, start: number, end: number, depth: number): number {
  if (depth > DEPTH_MAX) throw badRequest("the ONNX graph is nested too deeply");
  const message = MESSAGES[name];
  const known: readonly number[] = message.fields;
  const nested: Readonly<Record<number, MessageName>> = message.nested;
  let graphs = 0;
  for (const field of readFields(context.bytes, start, end)) {
    if (!known.includes(field.number))
      throw badRequest(`the ONNX file has the unknown field ${field.number} in a ${name}`);
    checkField(context, name, field);
    const inner = nested[field.number];
    if (inner === undefined) continue;
    if (field.value !== undefined) throw new WireFormatError(`a ${inner} is not a message`);
    if (inner === "graph") graphs++;
    walk(context, inner, field.start, field.end, depth + 1);
  }
  return graphs;
}

function checkField({ bytes, domains }: Walk, name: MessageName, field: WireField): void {
  if (name === "tensor") {
    const external =
      field.number === TENSOR_EXTERNAL_DATA ||
      (field.number === TENSOR_DATA_LOCATION && field.value !== 0n);
    if (external)
      throw badRequest("the ONNX file keeps tensors in other files; export it as a single file");
  }
  const isDomain =
    (name === "node" && field.number === NODE_DOMAIN) ||
    (name === "opset" && field.number === OPSET_DOMAIN);
  if (!isDomain) return;
  const domain = textOf(bytes, field);
  if (!domains.has(domain))
    throw badRequest(`the ONNX file uses custom operators of the domain ${quoted(domain)}`);
}

function textOf(bytes: Uint8Array, field: WireField): string {
  if (field.value !== undefined) throw new WireFormatError("a text is not a text");
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + field.start,
    field.end - field.start,
  ).toString();
}
