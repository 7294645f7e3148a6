import { describe, expect, it } from "vitest";
import { evaluateGates, type GateFacts } from "./evaluate-gates";
import { type Gate, gateSchema } from "./schemas";

const MAY = "0190a1b2-0000-7000-8000-000000000000";
const facts: GateFacts = {
  measures: {
    test: { accuracy: 0.9, loss: 0.2, broken: null },
    validation: { accuracy: 0.95 },
    run: { f1: 0.7 },
    benchmarks: { [MAY]: { accuracy: 0.8, f1_macro: null } },
  },
  parity: { rows: 100, maxAbsDiff: 1e-7, labelFlips: 0, tolerance: 1e-5 },
  artifacts: [
    { kind: "model", sizeBytes: 10 },
    { kind: "profile", sizeBytes: 0 },
  ],
  dataset: { known: true, sha256: "ab" },
  run: { known: false },
  semanticVersion: null,
  holders: {
    "alias:champion": {
      number: 1,
      measures: { test: { accuracy: 0.9, loss: 0.1 }, validation: {}, run: {}, benchmarks: {} },
    },
  },
};

const judge = (gate: object, changes: Partial<GateFacts> = {}) =>
  evaluateGates([gateSchema.parse(gate) as Gate], { ...facts, ...changes })[0];
const metric = (more: object) => ({
  type: "metric",
  metric: "accuracy",
  against: { kind: "constant", value: 0.9 },
  ...more,
});

describe("a metric gate", () => {
  it.each([
    [">=", 0.9, true],
    [">", 0.9, false],
    ["<=", 0.9, true],
    ["<", 0.9, false],
    [">", 0.89, true],
    ["<", 0.91, true],
  ])("holds 0.9 %s %f: %s", (operator, value, passed) => {
    expect(judge(metric({ operator, against: { kind: "constant", value } }))).toMatchObject({
      passed,
      measured: 0.9,
      bound: value,
    });
  });

  it("adds the margin in the direction of the operator", () => {
    expect(judge(metric({ margin: 0.05 }))).toMatchObject({ passed: false, bound: 0.95 });
    const loss = metric({ metric: "loss", operator: "<=", margin: 0.1 });
    expect(judge({ ...loss, against: { kind: "constant", value: 0.3 } })).toMatchObject({
      passed: true,
      bound: 0.2,
    });
  });

  it("reads the source it names", () => {
    expect(judge(metric({ source: "validation" }))?.measured).toBe(0.95);
    expect(judge(metric({ source: "run", metric: "f1" }))?.measured).toBe(0.7);
    expect(judge(metric({ source: "run" }))).toMatchObject({ passed: false, measured: null });
  });

  it("fails for a metric that is missing, no number, or a property of every object", () => {
    for (const name of ["nothing", "broken", "toString", "__proto__"]) {
      expect(judge(metric({ metric: name, operator: "<" }))).toMatchObject({ passed: false });
    }
  });

  it("compares with the holder of an alias, whatever the case of its name", () => {
    const gate = metric({ against: { kind: "alias", alias: "Champion" } });
    expect(judge(gate)).toMatchObject({
      passed: true,
      bound: 0.9,
      title: "test accuracy ≥ Champion",
    });
    expect(judge({ ...gate, operator: ">" })).toMatchObject({ passed: false });
    const loss = { ...gate, metric: "loss", operator: "<" };
    expect(judge(loss)).toMatchObject({ passed: false, measured: 0.2, bound: 0.1 });
  });

  it("passes where nobody holds the alias yet, unless told to fail", () => {
    const gate = metric({ against: { kind: "stage", stage: "production" } });
    expect(judge(gate)).toMatchObject({ passed: true, bound: null });
    expect(judge({ ...gate, whenAbsent: "fail" })).toMatchObject({ passed: false });
  });

  it("fails when the holder was never measured", () => {
    const against = { kind: "alias", alias: "champion" };
    expect(judge(metric({ source: "validation", against }))).toMatchObject({
      passed: false,
      reason: "champion has no validation accuracy.",
    });
  });
});

describe("parity", () => {
  it.each([
    [{}, true],
    [{ maxAbsDiff: 1e-5 }, true],
    [{ maxAbsDiff: 1.1e-5 }, false],
    [{ maxAbsDiff: Number.NaN }, false],
    [{ labelFlips: 1 }, false],
    [{ rows: 0 }, false],
  ])("with %j: %s", (changes, passed) => {
    const parity = { rows: 100, maxAbsDiff: 1e-7, labelFlips: 0, tolerance: 1e-5, ...changes };
    expect(judge({ type: "parity" }, { parity })?.passed).toBe(passed);
  });

  it("fails for a version that was never compared", () => {
    expect(judge({ type: "parity" }, { parity: null })).toMatchObject({
      passed: false,
      measured: null,
    });
  });
});

describe("a benchmark gate", () => {
  const gate = (more: object) => ({
    type: "benchmark",
    dataset: MAY,
    metric: "accuracy",
    against: { kind: "constant", value: 0.8 },
    ...more,
  });

  it("compares what was measured on the dataset it names", () => {
    expect(judge(gate({}))).toMatchObject({
      passed: true,
      measured: 0.8,
      title: "benchmark accuracy ≥ 0.8",
    });
    expect(judge(gate({ operator: ">" }))?.passed).toBe(false);
    expect(judge(gate({ metric: "f1_macro", operator: "<" }))?.passed).toBe(false);
    expect(judge(gate({ dataset: MAY.replace("2", "3") }))).toMatchObject({
      passed: false,
      reason: "The version has no benchmark accuracy that is a number.",
    });
  });

  it("fails when the version to beat was not measured there", () => {
    const against = { kind: "alias", alias: "champion" };
    expect(judge(gate({ against }))).toMatchObject({ passed: false, measured: 0.8 });
  });
});

it("asks for files that are not empty and names those that are missing", () => {
  expect(judge({ type: "artifacts" })).toMatchObject({ passed: true });
  expect(judge({ type: "artifacts", kinds: ["model", "profile"] })).toMatchObject({
    passed: false,
    measured: 1,
    bound: 2,
    reason: "Missing: profile.",
  });
});

it("asks where a version came from", () => {
  expect(judge({ type: "lineage" })).toMatchObject({ passed: true, measured: "ab" });
  expect(judge({ type: "lineage", parts: ["dataset", "run"] })).toMatchObject({
    passed: false,
    reason: "Not known: run.",
  });
});

it("asks for a semantic version", () => {
  expect(judge({ type: "semantic_version" })?.passed).toBe(false);
  expect(judge({ type: "semantic_version" }, { semanticVersion: "1.2.0" })).toMatchObject({
    passed: true,
    measured: "1.2.0",
  });
});

it("knows no other rule", () => {
  for (const gate of [
    { type: "code", code: "1" },
    { type: "drift" },
    {},
    metric({ operator: "=" }),
  ]) {
    expect(gateSchema.safeParse(gate).success).toBe(false);
  }
});
