import type { Signature, Tensor } from "@/server/protocols/open-inference/codec";

/** The outputs a result is made of. */
export const wantedOutputs = (signature: Signature): string[] => {
  if (signature.task === "regression") return ["prediction"];
  return hasProbabilities(signature) ? ["label", "probabilities"] : ["label"];
};

export const hasProbabilities = ({ outputs }: Signature): boolean =>
  outputs.some(({ name }) => name === "probabilities");

/** Where the answers of a stretch go, rows and rows × classes. */
export interface AnswerMemory {
  values: Float64Array;
  probabilities: Float64Array | undefined;
}

/** A node does not answer with what the version's signature promises, whatever the rows. */
export class BrokenAnswer extends Error {
  override name = "BrokenAnswer";
}

/** The answer to these rows cannot be right; to others it may be. */
export class BrokenRows extends Error {
  override name = "BrokenRows";
}

/**
 * Writes the answer to `rows` rows, the first of them number `from` of the memory. Throws BrokenAnswer
 * and BrokenRows.
 */
export function readAnswers(
  tensors: readonly Tensor[],
  signature: Signature,
  { from, rows }: { from: number; rows: number },
  into: AnswerMemory,
): void {
  const classes = signature.classes?.length ?? 0;
  const name = signature.task === "regression" ? "prediction" : "label";
  const values = numbersOf(tensors, name, rows);
  for (let i = 0; i < rows; i++) into.values[from + i] = Number(values[i]);
  if (classes > 0) checkLabels(into.values.subarray(from, from + rows), classes);
  if (!into.probabilities) return;
  const all = numbersOf(tensors, "probabilities", rows * classes);
  const start = from * classes;
  for (let i = 0; i < rows * classes; i++) into.probabilities[start + i] = Number(all[i]);
}

function checkLabels(labels: Float64Array, classes: number): void {
  const wrong = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong !== undefined)
    throw new BrokenRows(`the model answers label ${wrong} of ${classes} classes`);
}

function numbersOf(
  tensors: readonly Tensor[],
  name: string,
  count: number,
): ArrayLike<number | bigint> {
  const tensor = tensors.find((one) => one.name === name);
  if (!tensor || tensor.datatype === "BYTES") {
    throw new BrokenAnswer(`the model gives no numbers named ${name}`);
  }
  const data = tensor.data as ArrayLike<number | bigint>;
  if (data.length === count) return data;
  throw new BrokenRows(
    `the model answers ${data.length} values of ${name} where ${count} should be`,
  );
}
