import { describe, expect, it } from "vitest";
import { signatureSchema, type TensorSpec } from "@/server/protocols/open-inference/codec";
import { archiveOutputs } from "./archive-outputs";
import { guessHints } from "./guess-hints";
import type { SignatureHints } from "./schemas";
import { signatureFromGraph } from "./signature-from-graph";

const x: TensorSpec = { name: "x", datatype: "FP32", shape: [-1, 3] };
const hidden: TensorSpec = { name: "output_0", datatype: "FP32", shape: [-1, 16] };
const scores: TensorSpec = { name: "output_1", datatype: "FP32", shape: [-1, 4] };
const sum: TensorSpec = { name: "output_2", datatype: "FP32", shape: [-1] };

const outputsOf = (outputs: TensorSpec[], hints: Partial<SignatureHints> = {}) =>
  archiveOutputs(outputs, { target: "y", ...hints });

describe("outputs of an archive", () => {
  it("are made of its scores, and its others keep the names of their places", () => {
    const made = outputsOf([hidden, scores, sum], { outputs: { logits: "output_1" } });
    expect(made).toEqual([
      {
        name: "probabilities",
        datatype: "FP32",
        shape: [-1, 4],
        from: { output: "output_1", operator: "Softmax" },
      },
      {
        name: "label",
        datatype: "INT64",
        shape: [-1],
        from: { output: "output_1", operator: "ArgMax" },
      },
      hidden,
      sum,
    ]);
  });

  it("get the names that somebody says, or the one a regression needs", () => {
    const named = { label: "output_2", probabilities: "output_1" };
    expect(outputsOf([scores, sum], { outputs: named })).toMatchObject([
      { name: "label", from: { output: "output_2", operator: "Identity" } },
      { name: "probabilities", from: { output: "output_1", operator: "Identity" } },
    ]);
    expect(outputsOf([{ ...sum, name: "output" }], { task: "regression" })).toEqual([
      { ...sum, name: "prediction", from: { output: "output", operator: "Identity" } },
    ]);
  });

  it("stay as they are where the archive names them", () => {
    const named = [
      { ...sum, name: "label", datatype: "INT64" as const },
      { ...scores, name: "probabilities" },
    ];
    expect(outputsOf(named)).toEqual(named);
  });

  it("are refused where the archive does not keep what is said", () => {
    expect(() => outputsOf([scores], { outputs: { label: "output_9" } })).toThrow(/output_9/);
    expect(() => outputsOf([sum], { outputs: { logits: "output_2" } })).toThrow(
      /scores are floats/,
    );
  });

  it("of one answer of scores are proposed as a classifier, which is said as assumed", () => {
    const graph = { inputs: [x], outputs: [{ ...scores, name: "output" }] };
    const { hints, assumptions } = guessHints(graph, { target: "y" }, () => undefined);
    const outputs = archiveOutputs(graph.outputs, hints);
    const made = { ...signatureFromGraph({ ...graph, outputs }, hints), outputs };
    expect(signatureSchema.parse(made)).toMatchObject({
      task: "classification",
      classes: [0, 1, 2, 3],
      outputs: [{ name: "probabilities" }, { name: "label" }],
    });
    expect(assumptions).toEqual([expect.stringContaining("softmax")]);
  });
});
