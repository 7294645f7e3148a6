/**
 * The messages of onnx.proto3 (ONNX 1.19, IR version 12) by field number: which fields exist, and
 * which of them hold messages that must be looked into. Source: github.com/onnx/onnx, onnx.proto3.
 */
export type MessageName = keyof typeof MESSAGES;

type Message = { fields: readonly number[]; nested: Readonly<Record<number, string>> };

export const MESSAGES = {
  model: {
    fields: [1, 2, 3, 4, 5, 6, 7, 8, 14, 25, 26],
    nested: { 7: "graph", 8: "opset", 25: "function" },
  },
  opset: { fields: [1, 2], nested: {} },
  graph: {
    fields: [1, 2, 5, 10, 11, 12, 13, 14, 15, 16],
    nested: { 1: "node", 5: "tensor", 15: "sparseTensor" },
  },
  node: { fields: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], nested: { 5: "attribute" } },
  attribute: {
    fields: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 20, 21, 22, 23],
    nested: {
      5: "tensor",
      6: "graph",
      10: "tensor",
      11: "graph",
      22: "sparseTensor",
      23: "sparseTensor",
    },
  },
  tensor: { fields: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16], nested: {} },
  sparseTensor: { fields: [1, 2, 3], nested: { 1: "tensor", 2: "tensor" } },
  function: {
    fields: [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    nested: { 7: "node", 9: "opset", 11: "attribute" },
  },
} as const satisfies Record<string, Message>;

export const TENSOR_EXTERNAL_DATA = 13;
export const TENSOR_DATA_LOCATION = 14;
export const MODEL_FUNCTIONS = 25;
export const FUNCTION_DOMAIN = 10;
export const NODE_DOMAIN = 7;
export const OPSET_DOMAIN = 1;

/** Operator sets that are compiled into the runtime; "" is the same as ai.onnx. */
export const BUILT_IN_DOMAINS: ReadonlySet<string> = new Set([
  "",
  "ai.onnx",
  "ai.onnx.ml",
  "com.microsoft",
]);
