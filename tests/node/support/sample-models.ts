import type { Signature } from "@/server/protocols/open-inference/codec";
import { constant, type OnnxType, onnxModel } from "./onnx-writer";

/** Gives its one input back: `input` and `output`, both [batch, 2]. */
export function identityModel(type: OnnxType, shape: (number | string)[] = ["batch", 2]): Buffer {
  return onnxModel({
    nodes: [{ op: "Identity", inputs: ["input"], outputs: ["output"] }],
    inputs: [{ name: "input", type, shape }],
    outputs: [{ name: "output", type, shape }],
  });
}

/** `numeric` FP64 [batch, features] to `label` and `probabilities` of two classes. */
export function classifierModel(features = 4): Buffer {
  const weights = Array.from({ length: features }, (_, at) => (at % 3) - 1);
  return onnxModel({
    nodes: [linearClassifier("numeric", weights)],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", features] }],
    outputs: classifierOutputs,
  });
}

const classifierOutputs = [
  { name: "label", type: "INT64" as const, shape: ["batch"] },
  { name: "probabilities", type: "FP32" as const, shape: ["batch", 2] },
];

function linearClassifier(input: string, weights: number[]) {
  return {
    op: "LinearClassifier",
    domain: "ai.onnx.ml",
    inputs: [input],
    outputs: ["label", "probabilities"],
    attributes: {
      coefficients: { floats: [...weights.map((weight) => -weight), ...weights] },
      intercepts: { floats: [0.1, -0.1] },
      classlabels_ints: { ints: [0, 1] },
      multi_class: { int: 1 },
      post_transform: { string: "SOFTMAX" },
    },
  };
}

export function classifierSignature(features = 4): Signature {
  const columns = Array.from({ length: features }, (_, at) => `x${at}`);
  return {
    task: "classification",
    features: columns.map((name) => ({
      name,
      type: "number" as const,
      nullable: false,
      min: -1,
      max: 1,
      mean: 0,
    })),
    target: { name: "target", type: "category" },
    classes: ["no", "yes"],
    inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, features], columns }],
    outputs: [
      { name: "label", datatype: "INT64", shape: [-1] },
      { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
    ],
  };
}

/** `numeric` FP64 [batch, 2] and `categorical` strings [batch, 1], encoded inside the graph. */
export function mixedModel(): Buffer {
  return onnxModel({
    nodes: [
      {
        op: "LabelEncoder",
        domain: "ai.onnx.ml",
        inputs: ["categorical"],
        outputs: ["code"],
        attributes: {
          keys_strings: { strings: ["red", "green", "grün"] },
          values_int64s: { ints: [1, 2, 3] },
          default_int64: { int: 0 },
        },
      },
      {
        op: "Cast",
        inputs: ["code"],
        outputs: ["code_fp64"],
        attributes: { to: { int: 11 } },
      },
      {
        op: "Concat",
        inputs: ["numeric", "code_fp64"],
        outputs: ["all"],
        attributes: { axis: { int: 1 } },
      },
      linearClassifier("all", [0.5, -0.5, 1]),
    ],
    inputs: [
      { name: "numeric", type: "FP64", shape: ["batch", 2] },
      { name: "categorical", type: "BYTES", shape: ["batch", 1] },
    ],
    outputs: classifierOutputs,
  });
}

export const mixedSignature: Signature = {
  task: "classification",
  features: [
    { name: "width", type: "number", nullable: true, min: 0, max: 10, mean: 5 },
    { name: "wet", type: "boolean", nullable: false },
    { name: "color", type: "category", nullable: true, categories: ["red", "green", "grün"] },
  ],
  target: { name: "target", type: "boolean" },
  classes: [false, true],
  inputs: [
    { name: "numeric", datatype: "FP64", shape: [-1, 2], columns: ["width", "wet"] },
    { name: "categorical", datatype: "BYTES", shape: [-1, 1], columns: ["color"] },
  ],
  outputs: [
    { name: "label", datatype: "INT64", shape: [-1] },
    { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
  ],
};

/** `numeric` FP64 [batch, 2] to `prediction` = 2a + 3b + 1. */
export function regressionModel(): Buffer {
  return onnxModel({
    nodes: [
      { op: "MatMul", inputs: ["numeric", "weights"], outputs: ["product"] },
      { op: "Add", inputs: ["product", "bias"], outputs: ["prediction"] },
    ],
    constants: [constant("weights", "FP64", [2], [2, 3]), constant("bias", "FP64", [1], [1])],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
    outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
  });
}

export const regressionSignature: Signature = {
  task: "regression",
  features: [
    { name: "a", type: "number", nullable: false },
    { name: "b", type: "integer", nullable: false },
  ],
  target: { name: "y", type: "number" },
  classes: null,
  inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, 2], columns: ["a", "b"] }],
  outputs: [{ name: "prediction", datatype: "FP64", shape: [-1] }],
};

/** Multiplies [batch, width] by `layers` square matrices: milliseconds of work for each call. */
export function slowModel(width = 512, layers = 8, output = "output"): Buffer {
  const weights = Array.from({ length: width * width }, (_, at) => ((at % 7) - 3) / width);
  return onnxModel({
    nodes: Array.from({ length: layers }, (_, at) => ({
      op: "MatMul",
      inputs: [at === 0 ? "input" : `h${at}`, `w${at}`],
      outputs: [at === layers - 1 ? output : `h${at + 1}`],
    })),
    constants: Array.from({ length: layers }, (_, at) =>
      constant(`w${at}`, "FP32", [width, width], weights),
    ),
    inputs: [{ name: "input", type: "FP32", shape: ["batch", width] }],
    outputs: [{ name: output, type: "FP32", shape: ["batch", width] }],
  });
}
