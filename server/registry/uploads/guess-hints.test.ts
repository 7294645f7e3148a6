import { describe, expect, it } from "vitest";
import type { TensorSpec } from "@/server/protocols/open-inference/codec";
import { guessHints } from "./guess-hints";
import { signatureHints } from "./schemas";

const none = signatureHints.parse({});
const spec = (name: string, datatype: TensorSpec["datatype"], ...shape: number[]) =>
  ({ name, datatype, shape }) as TensorSpec;
const guess = (outputs: TensorSpec[], operator?: string, hints = none) =>
  guessHints({ inputs: [spec("x", "FP32", -1, 4)], outputs }, hints, () => operator);

describe("what the outputs of a graph most likely are", () => {
  it.each([
    [[spec("variable", "FP32", -1, 1)], { prediction: "variable" }],
    [[spec("y", "FP64", -1)], { prediction: "y" }],
    [
      [spec("output_label", "INT64", -1), spec("output_probability", "FP32", -1, 3)],
      { label: "output_label", probabilities: "output_probability" },
    ],
  ])("%j are certain", (outputs, names) => {
    expect(guess(outputs)).toEqual({ hints: { ...none, outputs: names }, assumptions: [] });
  });

  it("scores become probabilities by a softmax, unless one made them", () => {
    const outputs = [spec("out", "FP32", -1, 10)];
    expect(guess(outputs, "Gemm")).toMatchObject({
      hints: { outputs: { logits: "out" } },
      assumptions: [expect.stringContaining("softmax")],
    });
    expect(guess(outputs, "Softmax")).toMatchObject({
      hints: { outputs: { probabilities: "out" } },
      assumptions: [],
    });
  });

  it("what the caller says stays, and names of ours need no guess", () => {
    const said = { ...none, outputs: { prediction: "b" } };
    const two = [spec("a", "FP32", -1, 3), spec("b", "FP32", -1)];
    expect(guess(two, undefined, said).hints.outputs).toEqual({ prediction: "b" });
    const ours = [spec("label", "INT64", -1), spec("probabilities", "FP32", -1, 2)];
    expect(guess(ours).hints.outputs).toBeUndefined();
    expect(guess([spec("a", "FP32", -1), spec("b", "FP32", -1)]).hints.outputs).toBeUndefined();
  });
});

describe("how an input of four dimensions most likely takes images", () => {
  const images = (input: TensorSpec, image?: object) =>
    guessHints(
      { inputs: [input], outputs: [spec("prediction", "FP32", -1)] },
      signatureHints.parse({ image }),
      () => undefined,
    );
  it("pixels are divided by 255 and open sides are 224, both said", () => {
    const { hints, assumptions } = images(spec("x", "FP32", -1, 3, -1, -1));
    expect(hints.image).toEqual({ height: 224, width: 224, scale: 1 / 255 });
    expect(assumptions).toHaveLength(2);
  });
  it("nothing is assumed of bytes, nor of what is known", () => {
    expect(images(spec("x", "UINT8", -1, 32, 32, 3)).assumptions).toEqual([]);
    expect(images(spec("x", "FP32", -1, 3, 32, 32), { mean: [0.5] }).assumptions).toEqual([]);
  });
});
