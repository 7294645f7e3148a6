import type {
  Signature,
  SignatureFeature,
} from "@/server/protocols/open-inference/codec/signature";
import type { SignatureChange } from "./schemas";

/** At most this many changes are told one by one. */
const TOLD_MAX = 50;

/**
 * What another signature of the same file changes, in sentences with whom it concerns. Columns are
 * told apart by their place, so one that got another name is the same column. Pure.
 */
export function compareSignatures(before: Signature, after: Signature): SignatureChange[] {
  const changes: SignatureChange[] = [];
  const say = (kind: SignatureChange["kind"], sentence: string) => changes.push({ kind, sentence });
  if (differ(tensorsOf(before), tensorsOf(after))) {
    say("tensors", "The tensors of the model are described otherwise.");
  }
  if (before.task !== after.task) say("answers", `It is a ${after.task}, no ${before.task}.`);
  if (differ(before.target, after.target)) {
    say("notes", `The target is ${after.target.name} (${after.target.type}).`);
  }
  compareClasses(before.classes ?? [], after.classes ?? [], say);
  for (const input of after.inputs) {
    const was = before.inputs.find(({ name }) => name === input.name);
    if (was && differ(was.image, input.image)) {
      say("answers", `Images become ${input.name} in another way.`);
    }
  }
  const old = new Map(before.features.map((feature) => [feature.name, feature]));
  const names = new Map([...renamedColumns(before, after)].map(([from, to]) => [to, from]));
  for (const feature of after.features) {
    const was = old.get(names.get(feature.name) ?? feature.name);
    if (was) compareFeatures(was, feature, say);
    else if (!changes.some(({ kind }) => kind === "tensors")) {
      say("requests", `${feature.name} is a feature.`);
    }
  }
  if (changes.length <= TOLD_MAX) return changes;
  const rest = changes.slice(TOLD_MAX);
  const kinds = [...new Set(rest.map(({ kind }) => kind))];
  return [
    ...changes.slice(0, TOLD_MAX),
    ...kinds.map((kind) => ({ kind, sentence: `${rest.length} more changes.` })),
  ];
}

/** Old name of a column → its new one, where they differ. */
export function renamedColumns(before: Signature, after: Signature): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const input of after.inputs) {
    const was = before.inputs.find(({ name }) => name === input.name);
    for (const [at, name] of (was?.columns ?? []).entries()) {
      const next = input.columns[at];
      if (next !== undefined && next !== name) renamed.set(name, next);
    }
  }
  return renamed;
}

type Say = (kind: SignatureChange["kind"], sentence: string) => void;

function compareClasses(before: unknown[], after: unknown[], say: Say): void {
  if (before.length !== after.length) {
    say("answers", `There are ${after.length} classes, not ${before.length}.`);
    return;
  }
  for (const [at, value] of after.entries()) {
    if (value !== before[at]) {
      say("answers", `Class ${at} is ${JSON.stringify(value)}, not ${JSON.stringify(before[at])}.`);
    }
  }
}

function compareFeatures(before: SignatureFeature, after: SignatureFeature, say: Say): void {
  const { name } = after;
  if (before.name !== name) say("requests", `${before.name} is called ${name}.`);
  if (before.type !== after.type) {
    say("requests", `${name} is of the type ${after.type}, not ${before.type}.`);
  }
  if (before.nullable && !after.nullable) say("requests", `${name} may not be missing.`);
  if (!before.nullable && after.nullable) say("notes", `${name} may be missing.`);
  const seen = ({ min, max, mean, categories }: SignatureFeature) => [
    min ?? null,
    max ?? null,
    mean ?? null,
    categories ?? null,
  ];
  if (differ(seen(before), seen(after))) say("notes", `${name} has other typical values.`);
}

/** What nodes know of a model. */
const tensorsOf = ({ inputs, outputs }: Signature) => {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return [
    inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })).toSorted(byName),
    outputs
      .map(({ name, datatype, shape, from }) => ({ name, datatype, shape, from: from ?? null }))
      .toSorted(byName),
  ];
};

/** Keys in any order, as the database gives them back in its own. */
const differ = (a: unknown, b: unknown): boolean => canonical(a) !== canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
