import fc from "fast-check";
import { expect, test } from "vitest";
import { compileSignature, rowsToTensors, tensorsToPredictions } from "./rows";
import { type Signature, signatureSchema } from "./signature";

const signature: Signature = signatureSchema.parse({
  task: "classification",
  features: [
    { name: "size", type: "number", nullable: true },
    { name: "count", type: "integer", nullable: false },
    { name: "wet", type: "boolean", nullable: false },
    { name: "color", type: "category", nullable: true, categories: ["red"] },
    { name: "constructor", type: "category", nullable: false },
  ],
  target: { name: "y", type: "integer" },
  classes: [10, 20],
  inputs: [
    { name: "numeric", datatype: "FP64", shape: [-1, 3], columns: ["wet", "size", "count"] },
    { name: "categorical", datatype: "BYTES", shape: [-1, 2], columns: ["constructor", "color"] },
  ],
  outputs: [
    { name: "label", datatype: "INT64", shape: [-1] },
    { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
  ],
});
const good = { size: 1.5, count: 2, wet: true, color: "red", constructor: "b" };

test("rows become tensors in the order of the columns, missing values as NaN and empty text", () => {
  const result = rowsToTensors(signature, [
    good,
    { count: -3, wet: false, constructor: "unseen", color: null },
  ]);
  expect(result).toEqual({
    tensors: [
      {
        name: "numeric",
        datatype: "FP64",
        shape: [2, 3],
        data: Float64Array.of(1, 1.5, 2, 0, Number.NaN, -3),
      },
      { name: "categorical", datatype: "BYTES", shape: [2, 2], data: ["b", "red", "unseen", ""] },
    ],
  });
});

test.each([
  [
    "a missing feature",
    { count: undefined },
    "row 0: feature count is missing, expected an integer",
  ],
  ["null where none may be", { count: null }, "row 0: feature count must be an integer, got null"],
  ["text for a number", { size: "1" }, 'row 0: feature size must be a number or null, got "1"'],
  ["NaN", { size: Number.NaN }, "row 0: feature size must be a number or null, got NaN"],
  [
    "an infinity",
    { size: -Infinity },
    "row 0: feature size must be a number or null, got -Infinity",
  ],
  ["a fraction for an integer", { count: 1.5 }, "row 0: feature count must be an integer, got 1.5"],
  ["a number for a boolean", { wet: 1 }, "row 0: feature wet must be true or false, got 1"],
  ["a number for a category", { color: 3 }, "row 0: feature color must be a string or null, got 3"],
  ["a list", { color: [] }, "row 0: feature color must be a string or null, got a list"],
  [
    "empty text where none may be",
    { constructor: "" },
    "row 0: feature constructor must be a string, got an empty string",
  ],
  ["an unknown feature", { extra: 1 }, "row 0: extra is not a feature of this model"],
  [
    "an own __proto__",
    JSON.parse('{"__proto__":1}'),
    "row 0: __proto__ is not a feature of this model",
  ],
])("%s is told by feature, row, expectation and value", (_case, part, message) => {
  const row = Object.defineProperties({ ...good }, Object.getOwnPropertyDescriptors(part));
  const result = rowsToTensors(signature, [row]);
  if (!("issues" in result)) throw new Error("the row was accepted");
  expect(result.issues.map((issue) => issue.message)).toEqual([message]);
});

test("a feature named like an object's internals is missing when the row has no own one", () => {
  const { constructor: _left, ...rest } = good;
  const result = rowsToTensors(signature, [rest]);
  expect(result).toMatchObject({ issues: [{ feature: "constructor", got: "nothing" }] });
});

test("at most 20 issues are told", () => {
  const result = rowsToTensors(signature, new Array(100).fill({ a: 1, b: 2 }));
  if (!("issues" in result)) throw new Error("the rows were accepted");
  expect(result.issues).toHaveLength(20);
});

test("any JSON at all gives tensors or issues, never an exception", () => {
  const { encode } = compileSignature(signature);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              size: fc.jsonValue(),
              count: fc.integer(),
              wet: fc.boolean(),
              constructor: fc.string(),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
      (rows) => {
        const result = encode(rows);
        expect("tensors" in result || result.issues.length > 0).toBe(true);
      },
    ),
  );
});

test("labels become classes and probabilities are named by class", () => {
  const tensors = [
    {
      name: "probabilities",
      datatype: "FP32" as const,
      shape: [2, 2],
      data: Float32Array.of(0.25, 0.75, 1, 0),
    },
    { name: "label", datatype: "INT64" as const, shape: [2], data: BigInt64Array.of(1n, 0n) },
  ];
  expect(tensorsToPredictions(signature, tensors)).toEqual({
    predictions: [20, 10],
    probabilities: [
      { 10: 0.25, 20: 0.75 },
      { 10: 1, 20: 0 },
    ],
  });
});

test("outputs that break the signature's promise are a 502", () => {
  const label = (value: bigint) => [
    { name: "label", datatype: "INT64" as const, shape: [1], data: BigInt64Array.of(value) },
  ];
  expect(() => tensorsToPredictions(signature, [])).toThrow("the output label is missing");
  expect(() => tensorsToPredictions(signature, label(2n))).toThrow("label 2 is none of 2 classes");
  expect(() => tensorsToPredictions(signature, label(0n))).toThrow(
    expect.objectContaining({ status: 502 }),
  );
});

test.each([
  [
    "a column that is no feature",
    { columns: ["a", "b"], shape: [-1, 2] },
    "column b is not a feature",
  ],
  ["a shape that does not fit the columns", { shape: [-1, 2] }, "must have the shape [-1,1]"],
  ["a number in a BYTES input", { datatype: "BYTES" }, "cannot be in a BYTES input"],
  ["an integer input", { datatype: "INT64" }, "must be FP64, FP32 or BYTES"],
])("a signature with %s is refused", (_case, part, message) => {
  const result = signatureSchema.safeParse({
    task: "regression",
    features: [{ name: "a", type: "number", nullable: false }],
    target: { name: "y", type: "number" },
    classes: null,
    inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, 1], columns: ["a"], ...part }],
    outputs: [{ name: "prediction", datatype: "FP32", shape: [-1] }],
  });
  expect(result.success).toBe(false);
  expect(JSON.stringify(result.error?.issues)).toContain(message);
});
