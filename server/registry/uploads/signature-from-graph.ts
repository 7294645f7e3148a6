import type { Signature, TensorSpec } from "@/server/protocols/open-inference/codec";
import { imageInput } from "./image-hints";
import type { SignatureHints } from "./schemas";
import { UnfitModel } from "./unfit-model";

const unfit = (message: string) => new UnfitModel(message);

/**
 * The signature of a graph, filled up with what its uploader knows. Throws UnfitModel where the two
 * do not make one, in words for the uploader. Pure.
 */
export function signatureFromGraph(
  graph: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] },
  hints: SignatureHints,
): Signature {
  const task = hints.task ?? taskOf(graph.outputs);
  const { inputs, features } = readInputs(graph.inputs, hints);
  const classes = task === "classification" ? readClasses(graph.outputs, hints.classes) : null;
  return {
    task,
    features,
    target: { name: hints.target, type: task === "regression" ? "number" : "category" },
    classes,
    inputs,
    outputs: graph.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
  };
}

function taskOf(outputs: readonly TensorSpec[]): Signature["task"] {
  const names = outputs.map(({ name }) => name);
  if (names.includes("label")) return "classification";
  if (names.includes("prediction")) return "regression";
  throw unfit(
    `The graph's outputs are ${names.join(", ")}. Say with "outputs" which of them is the label and the probabilities, or the prediction.`,
  );
}

function readInputs(specs: readonly TensorSpec[], hints: SignatureHints) {
  const names = hints.features;
  const inputs: Signature["inputs"] = [];
  const features: Signature["features"] = [];
  let used = 0;
  for (const spec of specs) {
    const { name, datatype, shape } = spec;
    if (shape.length === 4) {
      const made = imageInput(spec, hints, names?.[used]);
      used += 1;
      inputs.push(made.input);
      features.push(made.feature);
      continue;
    }
    if (datatype !== "FP32" && datatype !== "FP64" && datatype !== "BYTES") {
      throw unfit(`The input ${name} is ${datatype}: rows are sent as FP32, FP64 or BYTES.`);
    }
    const width = shape[1] !== undefined && shape[1] > 0 ? shape[1] : openWidth(specs, names, name);
    if (shape.length !== 2 || (shape[0] ?? 0) > 0) {
      throw unfit(`The input ${name} must have the shape [rows, columns] with any number of rows.`);
    }
    const columns = columnsOf(name, width, names?.slice(used, used + width));
    used += width;
    inputs.push({ name, datatype, shape: [-1, width], columns });
    features.push(
      ...columns.map((column) => ({
        name: column,
        type: datatype === "BYTES" ? ("category" as const) : ("number" as const),
        nullable: false,
      })),
    );
  }
  if (names && names.length !== used) {
    throw unfit(`The graph has ${used} columns, features names ${names.length}.`);
  }
  return { inputs, features };
}

/** A graph of one input may leave its width open; then the features say it. */
function openWidth(
  specs: readonly TensorSpec[],
  names: readonly string[] | undefined,
  input: string,
): number {
  if (specs.length === 1 && names) return names.length;
  throw unfit(
    `The graph does not say how many columns ${input} has: send their names as features.`,
  );
}

const columnsOf = (input: string, width: number, names: readonly string[] | undefined) =>
  Array.from({ length: width }, (_, at) => names?.[at] ?? (width === 1 ? input : `${input}_${at}`));

function readClasses(
  outputs: readonly TensorSpec[],
  classes: SignatureHints["classes"],
): NonNullable<Signature["classes"]> {
  const label = outputs.find(({ name }) => name === "label");
  if (label?.datatype === "BYTES") {
    throw unfit("The output label holds text: it must be the index of the class, INT64.");
  }
  const width = outputs.find(({ name }) => name === "probabilities")?.shape[1] ?? -1;
  if (classes) {
    if (width > 0 && width !== classes.length) {
      throw unfit(`The graph knows ${width} classes, classes names ${classes.length}.`);
    }
    return classes;
  }
  if (width < 2) throw unfit("The graph does not say how many classes there are: send classes.");
  return Array.from({ length: width }, (_, at) => at);
}
