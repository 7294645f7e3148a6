import { readFields, WireFormatError } from "@/server/node/onnx/wire-reader";
import type { TensorSpec } from "@/server/protocols/open-inference/codec";
import type { SignatureHints } from "./schemas";

interface Graph {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
}

/** Hints with what was assumed beyond them, in sentences. */
export interface Guess {
  hints: SignatureHints;
  assumptions: string[];
}

const isFloat = ({ datatype }: TensorSpec) => datatype === "FP32" || datatype === "FP64";
const isScalar = ({ shape }: TensorSpec) =>
  shape.length === 1 || (shape.length === 2 && shape[1] === 1);
const isWide = ({ shape }: TensorSpec) => shape.length === 2 && shape[1] !== 1;

/**
 * Fills hints up with what is most likely meant by a graph that does not say it: which output is
 * what, and how pixels become numbers. `operatorOf` tells which operator an output comes from. Pure.
 */
export function guessHints(
  graph: Graph,
  given: SignatureHints,
  operatorOf: (output: string) => string | undefined,
): Guess {
  const outputs = given.outputs ? null : guessOutputs(graph.outputs, given, operatorOf);
  const withOutputs = outputs ? { ...given, outputs: outputs.names } : given;
  const image = guessImage(graph.inputs, withOutputs);
  return {
    hints: image ? { ...withOutputs, image: image.image } : withOutputs,
    assumptions: [...(outputs?.assumptions ?? []), ...(image?.assumptions ?? [])],
  };
}

function guessOutputs(
  outputs: readonly TensorSpec[],
  { task }: SignatureHints,
  operatorOf: (output: string) => string | undefined,
) {
  const names = new Set(outputs.map(({ name }) => name));
  if (names.has("label") || names.has("prediction")) return null;
  const scores = outputs.filter((one) => isFloat(one) && isWide(one));
  const labels = outputs.filter((one) => one.datatype === "INT64" && isScalar(one));
  const values = outputs.filter((one) => isFloat(one) && isScalar(one));
  const [score] = scores;
  const [label] = labels;
  const [value] = values;
  if (task !== "regression" && score && scores.length === 1) {
    if (label && labels.length === 1) {
      return { names: { label: label.name, probabilities: score.name }, assumptions: [] };
    }
    if (score.name === "probabilities" || operatorOf(score.name) === "Softmax") {
      return { names: { probabilities: score.name }, assumptions: [] };
    }
    const told = `${score.name} holds the scores of the classes: a softmax makes probabilities of them.`;
    return { names: { logits: score.name }, assumptions: [told] };
  }
  if (task === "classification" || !value || outputs.length > 1) return null;
  return { names: { prediction: value.name }, assumptions: [] };
}

/** What most who train on images do, and their size. */
const SIDE = 224;

function guessImage(inputs: readonly TensorSpec[], { image }: SignatureHints) {
  const spec = inputs.find(({ shape }) => shape.length === 4);
  if (!spec) return null;
  const assumptions: string[] = [];
  const guessed: NonNullable<SignatureHints["image"]> = { ...image };
  const channelsLast = [1, 3, 4].includes(spec.shape[3] ?? -1);
  const sides = channelsLast ? spec.shape.slice(1, 3) : spec.shape.slice(2, 4);
  if (sides.some((side) => side < 1) && !guessed.height && !guessed.width) {
    guessed.height = SIDE;
    guessed.width = SIDE;
    assumptions.push(`Images are ${SIDE} × ${SIDE} pixels: the graph leaves their size open.`);
  }
  const says = guessed.scale ?? guessed.mean ?? guessed.std;
  if (says === undefined && spec.datatype !== "UINT8") {
    guessed.scale = 1 / 255;
    assumptions.push("Pixels are divided by 255: the file does not say how they become numbers.");
  }
  return { image: guessed, assumptions };
}

/** ModelProto.graph, GraphProto.node, NodeProto.output and .op_type. */
const GRAPH = 7;
const NODE = 1;
const OUTPUT = 2;
const OP_TYPE = 4;

/** The operator that makes an output; undefined for none, and for bytes that are no ONNX file. */
export function operatorOf(bytes: Uint8Array, output: string): string | undefined {
  const text = (start: number, end: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  try {
    for (const graph of readFields(bytes, 0, bytes.byteLength)) {
      if (graph.number !== GRAPH || graph.value !== undefined) continue;
      for (const node of readFields(bytes, graph.start, graph.end)) {
        if (node.number !== NODE || node.value !== undefined) continue;
        const parts = [...readFields(bytes, node.start, node.end)];
        const isMaker = parts.some(
          ({ number, start, end }) => number === OUTPUT && text(start, end) === output,
        );
        const type = parts.find(({ number }) => number === OP_TYPE);
        if (isMaker && type) return text(type.start, type.end);
      }
    }
  } catch (error) {
    if (!(error instanceof WireFormatError)) throw error;
  }
  return undefined;
}
