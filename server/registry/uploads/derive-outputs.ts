import type { TensorSpec } from "@/server/protocols/open-inference/codec";
import { renamesFor } from "./rename-outputs";
import type { SignatureHints } from "./schemas";
import { UnfitModel } from "./unfit-model";
import { field, integer } from "./wire-writer";

/** An output under a name of ours, and what makes it of one that the graph has. */
export interface Derivation {
  name: string;
  from: string;
  operator: "Identity" | "Softmax" | "ArgMax";
}

/**
 * The outputs that a graph needs beside its own: other names, probabilities out of scores, and the
 * label of the class with the highest one. Throws UnfitModel for outputs that cannot be that.
 */
export function derivationsFor(
  outputs: readonly TensorSpec[],
  hints: SignatureHints,
): Derivation[] {
  const names = new Set(outputs.map(({ name }) => name));
  const made: Derivation[] = [...renamesFor(outputs, hints)].map(([name, from]) => ({
    name,
    from,
    operator: "Identity",
  }));
  const { logits, probabilities, label } = hints.outputs ?? {};
  if (logits !== undefined) {
    if (probabilities !== undefined || names.has("probabilities")) {
      throw new UnfitModel("The graph has probabilities already: leave its logits out.");
    }
    requireScores(outputs, logits);
    made.push({ name: "probabilities", from: logits, operator: "Softmax" });
  }
  const isClassifier = (hints.task === "classification" || logits) ?? probabilities;
  const scores = logits ?? probabilities ?? (names.has("probabilities") && "probabilities");
  if (!isClassifier || !scores || label !== undefined || names.has("label")) return made;
  requireScores(outputs, scores);
  return [...made, { name: "label", from: scores, operator: "ArgMax" }];
}

/** One number a class in every row. */
function requireScores(outputs: readonly TensorSpec[], name: string): void {
  const spec = outputs.find((one) => one.name === name);
  if (!spec) {
    const known = outputs.map((one) => one.name).join(", ");
    throw new UnfitModel(`The graph has no output ${name}: it has ${known}.`);
  }
  const isFloat = spec.datatype === "FP32" || spec.datatype === "FP64";
  if (isFloat && spec.shape.length === 2 && spec.shape[1] !== 1) return;
  throw new UnfitModel(
    `The output ${name} is ${spec.datatype} [${spec.shape.join(",")}]: scores are floats of the shape [rows, classes].`,
  );
}

/** TensorProto.DataType of what an output may be. */
const ELEMENT: Partial<Record<TensorSpec["datatype"], number>> = {
  FP32: 1,
  INT32: 6,
  INT64: 7,
  FP64: 11,
};
const INT64 = 7;
/** AttributeProto.AttributeType of an integer. */
const INTEGER = 2;

/**
 * Bytes that give a model further outputs when they follow its file: a second `graph` field, which
 * protobuf merges into the first (protobuf.dev, "last one wins", embedded messages), with one node
 * and one output each. Throws UnfitModel for outputs that are no numbers.
 */
export function derivingBytes(
  outputs: readonly TensorSpec[],
  derivations: readonly Derivation[],
): Buffer {
  if (derivations.length === 0) return Buffer.alloc(0);
  const parts = derivations.flatMap(({ name, from, operator }) => {
    const spec = outputs.find((one) => one.name === from);
    const element = spec && ELEMENT[spec.datatype];
    if (!spec || element === undefined) throw new UnfitModel(`The output ${from} is no number.`);
    const isLabel = operator === "ArgMax";
    const axes = operator === "Identity" ? [] : [attribute("axis", 1)];
    const node = [
      field(1, from),
      field(2, name),
      field(4, operator),
      ...axes,
      ...(isLabel ? [attribute("keepdims", 0)] : []),
    ];
    const dims = (isLabel ? spec.shape.slice(0, 1) : spec.shape).map((length) =>
      field(1, length < 0 ? field(2, "rows") : integer(1, length)),
    );
    const tensor = [integer(1, isLabel ? INT64 : element), field(2, Buffer.concat(dims))];
    const type = field(1, Buffer.concat(tensor));
    return [
      field(1, Buffer.concat(node)),
      field(12, Buffer.concat([field(1, name), field(2, type)])),
    ];
  });
  return field(7, Buffer.concat(parts));
}

const attribute = (name: string, value: number): Buffer =>
  field(5, Buffer.concat([field(1, name), integer(20, INTEGER), integer(3, value)]));
