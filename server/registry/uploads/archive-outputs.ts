import type { Signature, TensorSpec } from "@/server/protocols/open-inference/codec";
import { derivationsFor } from "./derive-outputs";
import type { SignatureHints } from "./schemas";

/**
 * The outputs of an archive under our names, which say what of its own they are made of, then its
 * others. Throws UnfitModel for hints it does not keep. Pure.
 */
export function archiveOutputs(
  outputs: readonly TensorSpec[],
  hints: SignatureHints,
): Signature["outputs"] {
  const derived = derivationsFor(outputs, hints);
  const made = derived.flatMap(({ name, from, operator }) => {
    const spec = outputs.find((one) => one.name === from);
    if (!spec) return [];
    const isLabel = operator === "ArgMax";
    const datatype = isLabel ? ("INT64" as const) : spec.datatype;
    const shape = isLabel ? spec.shape.slice(0, 1) : [...spec.shape];
    return [{ name, datatype, shape, from: { output: from, operator } }];
  });
  // What got another name or form is not told twice.
  const hidden = new Set(
    derived.flatMap(({ operator, from }) => (operator === "ArgMax" ? [] : [from])),
  );
  const others = outputs.filter(({ name }) => !hidden.has(name));
  return [
    ...made,
    ...others.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
  ];
}
