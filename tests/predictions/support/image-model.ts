import type { ImageInput, Signature } from "@/server/protocols/open-inference/codec";
import { constant, onnxModel } from "../../node/support/onnx-writer";

export const SIDE = 8;
const FILTERS = 4;

const imageOf = (image: Partial<ImageInput>): ImageInput => ({
  height: SIDE,
  width: SIDE,
  channels: 3,
  layout: "NCHW",
  order: "RGB",
  scale: 1 / 255,
  fit: "stretch",
  ...image,
});

/** A small convolutional net over images of 8 × 8 pixels: `photo` to `label` and `probabilities`. */
export function imageModel(image: Partial<ImageInput> = {}, extra: Buffer[] = []) {
  const spec = imageOf(image);
  const { channels, layout } = spec;
  const weights = Array.from(
    { length: FILTERS * channels * 9 },
    (_, at) => ((at * 7) % 11) / 5 - 1,
  );
  const shape =
    layout === "NCHW" ? ["batch", channels, SIDE, SIDE] : ["batch", SIDE, SIDE, channels];
  const turn =
    layout === "NCHW"
      ? []
      : [
          {
            op: "Transpose",
            inputs: ["photo"],
            outputs: ["turned"],
            attributes: { perm: { ints: [0, 3, 1, 2] } },
          },
        ];
  return onnxModel(
    {
      nodes: [
        ...turn,
        {
          op: "Conv",
          inputs: [layout === "NCHW" ? "photo" : "turned", "filters"],
          outputs: ["found"],
          attributes: { kernel_shape: { ints: [3, 3] } },
        },
        { op: "Relu", inputs: ["found"], outputs: ["lit"] },
        { op: "GlobalMaxPool", inputs: ["lit"], outputs: ["pooled"] },
        { op: "Flatten", inputs: ["pooled"], outputs: ["flat"] },
        { op: "MatMul", inputs: ["flat", "votes"], outputs: ["scores"] },
        {
          op: "Softmax",
          inputs: ["scores"],
          outputs: ["probabilities"],
          attributes: { axis: { int: 1 } },
        },
        {
          op: "ArgMax",
          inputs: ["scores"],
          outputs: ["label"],
          attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
        },
      ],
      constants: [
        constant("filters", "FP32", [FILTERS, channels, 3, 3], weights),
        constant("votes", "FP32", [FILTERS, 2], [0.3, -0.2, -0.5, 0.4, 0.1, 0.2, 0.6, -0.7]),
      ],
      inputs: [{ name: "photo", type: "FP32", shape }],
      outputs: [
        { name: "label", type: "INT64", shape: ["batch"] },
        { name: "probabilities", type: "FP32", shape: ["batch", 2] },
      ],
    },
    extra,
  );
}

export function imageSignature(image: Partial<ImageInput> = {}): Signature {
  const spec = imageOf(image);
  const { channels, layout } = spec;
  return {
    task: "classification",
    features: [{ name: "photo", type: "image", nullable: false }],
    target: { name: "animal", type: "category" },
    classes: ["cat", "dog"],
    inputs: [
      {
        name: "photo",
        datatype: "FP32",
        shape: layout === "NCHW" ? [-1, channels, SIDE, SIDE] : [-1, SIDE, SIDE, channels],
        columns: ["photo"],
        image: spec,
      },
    ],
    outputs: [
      { name: "label", datatype: "INT64", shape: [-1] },
      { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
    ],
  };
}
