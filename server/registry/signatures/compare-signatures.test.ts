import { describe, expect, it } from "vitest";
import type { Signature } from "@/server/protocols/open-inference/codec";
import { compareSignatures, renamedColumns } from "./compare-signatures";
import { judgeChange } from "./judge-change";
import { renamedExample } from "./write-signature";

const before: Signature = {
  task: "classification",
  features: [
    { name: "age", type: "number", nullable: false },
    { name: "visits", type: "number", nullable: true, min: 0, max: 9 },
  ],
  target: { name: "churned", type: "category" },
  classes: [0, 1],
  inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2], columns: ["age", "visits"] }],
  outputs: [{ name: "label", datatype: "INT64", shape: [-1] }],
};
const [age, visits] = before.features as [
  Signature["features"][number],
  Signature["features"][number],
];
const [input] = before.inputs as [Signature["inputs"][number]];
const told = (change: Partial<Signature>) =>
  compareSignatures(before, { ...before, ...change }).map(
    ({ kind, sentence }) => `${kind}: ${sentence}`,
  );

describe("what a change of a signature means", () => {
  it("is nothing for the same one, in whatever order its keys are", () => {
    const turned = Object.fromEntries(Object.entries(before).toReversed()) as Signature;
    expect(compareSignatures(before, turned)).toEqual([]);
  });

  it.each([
    [
      {
        features: [{ ...age, name: "Age" }, visits],
        inputs: [{ ...input, columns: ["Age", "visits"] }],
      },
      ["requests: age is called Age."],
    ],
    [
      {
        features: [
          { ...age, type: "integer" as const },
          { ...visits, nullable: false },
        ],
      },
      ["requests: age is of the type integer, not number.", "requests: visits may not be missing."],
    ],
    [
      { classes: ["no", "yes"] },
      ['answers: Class 0 is "no", not 0.', 'answers: Class 1 is "yes", not 1.'],
    ],
    [{ features: [age, { ...visits, max: 20 }] }, ["notes: visits has other typical values."]],
    [{ features: [{ ...age, nullable: true }, visits] }, ["notes: age may be missing."]],
  ])("%j", (change, sentences) => {
    expect(told(change)).toEqual(sentences);
  });

  it("concerns nodes where the tensors are others", () => {
    expect(told({ inputs: [{ ...input, datatype: "FP64" }] })).toEqual([
      "tensors: The tensors of the model are described otherwise.",
    ]);
  });

  it("gives an example the new names of its columns, wherever its rows are", () => {
    const swapped = { ...before, inputs: [{ ...input, columns: ["visits", "age"] }] };
    const names = renamedColumns(before, swapped);
    expect(renamedExample({ age: 1, visits: 2 }, names)).toEqual({ visits: 1, age: 2 });
    expect(renamedExample({ inputs: [{ age: 1 }] }, names)).toEqual({ inputs: [{ visits: 1 }] });
    expect(renamedExample(null, names)).toBeNull();
  });
});

describe("whether a signature may be changed", () => {
  const facts = { uses: [], approvedStage: null, runsElsewhere: false, acceptBreaking: false };
  const answers = { kind: "answers", sentence: "Class 0 is yes." } as const;
  const tensors = { kind: "tensors", sentence: "Other tensors." } as const;
  it("typical values always, the rest while nothing serves it", () => {
    const notes = { kind: "notes", sentence: "Other values." } as const;
    expect(() => judgeChange({ ...facts, changes: [notes], uses: ["live"] })).not.toThrow();
    expect(() => judgeChange({ ...facts, changes: [answers, tensors] })).not.toThrow();
  });
  it.each([
    [{ changes: [answers], uses: ["live"] }, /Callers of live would notice: Class 0 is yes/],
    [{ changes: [tensors], uses: ["live"], acceptBreaking: true }, /load the model anew/],
    [{ changes: [answers], approvedStage: "Production" }, /approved for Production/],
    [{ changes: [tensors], runsElsewhere: true }, /register its endpoint anew/],
  ])("%j is refused", (more, message) => {
    expect(() => judgeChange({ ...facts, ...more })).toThrow(message);
  });
});
