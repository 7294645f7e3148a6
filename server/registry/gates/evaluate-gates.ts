import type { MetricSource, Operator } from "./constants";
import {
  type Against,
  type ComparingGate,
  type Gate,
  type GateOutcome,
  gateTitle,
  nameOf,
  SIGNS,
  whatOf,
} from "./schemas";

type Values = Readonly<Record<string, number | null>>;

/**
 * Metric name → value by source, and by dataset for benchmarks; null where it was not a number.
 */
export type Measures = Record<MetricSource, Values> & {
  benchmarks: Readonly<Record<string, Values | undefined>>;
};

/** All that the rules look at, loaded before; evaluation asks nobody. */
export interface GateFacts {
  measures: Measures;
  /** null: never compared. */
  parity: { rows: number; maxAbsDiff: number; labelFlips: number; tolerance: number } | null;
  artifacts: readonly { kind: string; sizeBytes: number }[];
  dataset: { known: boolean; sha256: string | null };
  run: { known: boolean };
  semanticVersion: string | null;
  /** Who holds what a gate names, by `holderKey`; absent when nobody does. */
  holders: Readonly<Record<string, { number: number; measures: Measures } | undefined>>;
}

type Verdict = Omit<GateOutcome, "gate" | "title">;

/** Under which name the holder of an alias or stage lies in the facts. */
export const holderKey = (against: Exclude<Against, { kind: "constant" }>): string =>
  against.kind === "alias" ? `alias:${against.alias.toLowerCase()}` : `stage:${against.stage}`;

/** Each rule's verdict, in the order of the rules. Pure. */
export const evaluateGates = (gates: readonly Gate[], facts: GateFacts): GateOutcome[] =>
  gates.map((gate) => ({ gate, title: gateTitle(gate), ...verdictOn(gate, facts) }));

function verdictOn(gate: Gate, facts: GateFacts): Verdict {
  switch (gate.type) {
    case "metric":
    case "benchmark":
      return onNumber(gate, facts);
    case "parity":
      return onParity(facts);
    case "artifacts":
      return onArtifacts(gate.kinds, facts);
    case "lineage":
      return onLineage(gate.parts, facts);
    case "semantic_version":
      return facts.semanticVersion
        ? pass(facts.semanticVersion, null, "It is labelled.")
        : fail(null, null, "The version has no semantic version.");
  }
}

const pass = (measured: Verdict["measured"], bound: Verdict["bound"], reason: string): Verdict => ({
  passed: true,
  measured,
  bound,
  reason,
});
const fail = (measured: Verdict["measured"], bound: Verdict["bound"], reason: string): Verdict => ({
  passed: false,
  measured,
  bound,
  reason,
});

const HOLDS = {
  ">=": (a, b) => a >= b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  "<": (a, b) => a < b,
} satisfies Record<Operator, (a: number, b: number) => boolean>;

function onNumber(gate: ComparingGate, facts: GateFacts): Verdict {
  const { operator, against } = gate;
  const what = whatOf(gate);
  const measured = measureOf(facts.measures, gate);
  if (measured === null) return fail(null, null, `The version has no ${what} that is a number.`);
  const reference = referenceOf(gate, facts);
  if (reference === "absent") {
    const reason = `No version is ${nameOf(against)} yet.`;
    return gate.whenAbsent === "pass" ? pass(measured, null, reason) : fail(measured, null, reason);
  }
  if (reference === null) return fail(measured, null, `${nameOf(against)} has no ${what}.`);
  const bound = boundOf(reference, operator.startsWith(">") ? gate.margin : -gate.margin);
  const holds = HOLDS[operator](measured, bound);
  const reason = `${measured} ${holds ? "is" : "is not"} ${SIGNS[operator]} ${bound}.`;
  return holds ? pass(measured, bound, reason) : fail(measured, bound, reason);
}

/** 0.9 and a margin of 0.05 ask for 0.95, not for the next double above it. */
const boundOf = (reference: number, margin: number): number =>
  margin === 0 ? reference : Number((reference + margin).toPrecision(15));

function measureOf(measures: Measures, gate: ComparingGate): number | null {
  const values =
    gate.type === "metric" ? measures[gate.source] : (measures.benchmarks[gate.dataset] ?? {});
  return Object.hasOwn(values, gate.metric) ? (values[gate.metric] ?? null) : null;
}

function referenceOf(gate: ComparingGate, facts: GateFacts): number | null | "absent" {
  if (gate.against.kind === "constant") return gate.against.value;
  const holder = facts.holders[holderKey(gate.against)];
  return holder ? measureOf(holder.measures, gate) : "absent";
}

function onParity({ parity }: GateFacts): Verdict {
  if (!parity) return fail(null, null, "The ONNX model was never compared with its framework.");
  const { rows, maxAbsDiff, labelFlips, tolerance } = parity;
  // Written so that a NaN fails.
  const same = rows > 0 && labelFlips === 0 && maxAbsDiff <= tolerance;
  const reason = `Over ${rows} rows: largest difference ${maxAbsDiff}, ${labelFlips} labels flipped.`;
  return same ? pass(maxAbsDiff, tolerance, reason) : fail(maxAbsDiff, tolerance, reason);
}

function onArtifacts(kinds: readonly string[], { artifacts }: GateFacts): Verdict {
  const present = new Set(
    artifacts.filter(({ sizeBytes }) => sizeBytes > 0).map(({ kind }) => kind),
  );
  const missing = kinds.filter((kind) => !present.has(kind));
  const measured = kinds.length - missing.length;
  return missing.length === 0
    ? pass(measured, kinds.length, "Every file is there.")
    : fail(measured, kinds.length, `Missing: ${missing.join(", ")}.`);
}

function onLineage(parts: readonly ("dataset" | "run")[], facts: GateFacts): Verdict {
  const known = { dataset: facts.dataset.known, run: facts.run.known };
  const missing = parts.filter((part) => !known[part]);
  const measured = parts.includes("dataset") ? facts.dataset.sha256 : null;
  return missing.length === 0
    ? pass(measured, null, "It is known what the version was made from.")
    : fail(measured, null, `Not known: ${missing.join(", ")}.`);
}
