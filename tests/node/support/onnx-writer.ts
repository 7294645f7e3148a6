import { bytesField, floatField, integerField, messageField } from "./protobuf-writer";

/** TensorProto.DataType numbers. */
export const ONNX_TYPE = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const;
export type OnnxType = keyof typeof ONNX_TYPE;

type Attribute =
  | { int: number }
  | { float: number }
  | { string: string }
  | { floats: number[] }
  | { ints: number[] }
  | { strings: string[] }
  | { graph: Buffer };

type OnnxNode = {
  op: string;
  inputs: string[];
  outputs: string[];
  attributes?: Record<string, Attribute>;
  domain?: string;
};

/** A dimension: a number, or the name of a variable length. */
type OnnxValue = { name: string; type: OnnxType; shape: (number | string)[] };

function attribute(name: string, value: Attribute): Buffer {
  const head = bytesField(1, name);
  if ("int" in value) return messageField(5, head, integerField(20, 2), integerField(3, value.int));
  if ("float" in value)
    return messageField(5, head, integerField(20, 1), floatField(2, value.float));
  if ("string" in value)
    return messageField(5, head, integerField(20, 3), bytesField(4, value.string));
  if ("graph" in value)
    return messageField(5, head, integerField(20, 5), bytesField(6, value.graph));
  if ("floats" in value)
    return messageField(5, head, integerField(20, 6), ...value.floats.map((f) => floatField(7, f)));
  if ("ints" in value)
    return messageField(5, head, integerField(20, 7), ...value.ints.map((i) => integerField(8, i)));
  const strings = value.strings.map((s) => bytesField(9, s));
  return messageField(5, head, integerField(20, 8), ...strings);
}

function nodeField(node: OnnxNode): Buffer {
  return messageField(
    1,
    ...node.inputs.map((name) => bytesField(1, name)),
    ...node.outputs.map((name) => bytesField(2, name)),
    bytesField(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) => attribute(name, value)),
    ...(node.domain ? [bytesField(7, node.domain)] : []),
  );
}

function valueInfo(field: number, value: OnnxValue): Buffer {
  const dims = value.shape.map((dim) =>
    messageField(1, typeof dim === "number" ? integerField(1, dim) : bytesField(2, dim)),
  );
  const tensorType = messageField(
    1,
    integerField(1, ONNX_TYPE[value.type]),
    messageField(2, ...dims),
  );
  return messageField(field, bytesField(1, value.name), messageField(2, tensorType));
}

/** A FP64 or FP32 constant. */
export function constant(
  name: string,
  type: "FP32" | "FP64",
  shape: number[],
  values: number[],
): Buffer {
  const raw = type === "FP64" ? new Float64Array(values) : new Float32Array(values);
  return messageField(
    5,
    ...shape.map((dim) => integerField(1, dim)),
    integerField(2, ONNX_TYPE[type]),
    bytesField(8, name),
    bytesField(9, new Uint8Array(raw.buffer)),
  );
}

type OnnxGraph = {
  nodes: OnnxNode[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  /** Fields of GraphProto as written by `constant`. */
  constants?: Buffer[];
};

export function graphBytes(graph: OnnxGraph): Buffer {
  return Buffer.concat([
    ...graph.nodes.map(nodeField),
    bytesField(2, "test"),
    ...(graph.constants ?? []),
    ...graph.inputs.map((value) => valueInfo(11, value)),
    ...graph.outputs.map((value) => valueInfo(12, value)),
  ]);
}

/** The bytes of an ONNX file; `extra` are further fields of ModelProto. */
export function onnxModel(graph: OnnxGraph, extra: Buffer[] = []): Buffer {
  return Buffer.concat([
    integerField(1, 8),
    bytesField(2, "modelyard-tests"),
    bytesField(7, graphBytes(graph)),
    messageField(8, bytesField(1, ""), integerField(2, 17)),
    messageField(8, bytesField(1, "ai.onnx.ml"), integerField(2, 3)),
    ...extra,
  ]);
}
