import type { Predictions, Signature, Tensor } from "@/server/protocols/open-inference/codec";
import { readForm } from "./form/read-form";
import type { Answers, Columns, Link } from "./form/values";
import { answersAt, sumValues } from "./form/worth";
import type { Graph } from "./graph/read-graph";
import { UnreadableGraph } from "./graph/unreadable-graph";
import { type WalkBudget, WalkTooLong } from "./trees/tree-shapley";

/** Single-precision sums of thousands of trees differ this much from the same in double precision. */
const TOLERANCE = 1e-4;

/** In which of its quantities a prediction is explained, so that contributions add up. */
export type Space = "prediction" | "probability" | "log_odds" | "score" | "log";

export interface ExactValues {
  base: number;
  contributions: Float64Array;
  space: Space;
}

interface Subject {
  graph: Graph;
  signature: Signature;
  /** Tensors of the explained rows, and the background's rows after them. */
  tensors: readonly Tensor[];
  /** How many are explained. */
  explained: number;
  outputs: Predictions;
  budget: WalkBudget;
}

/**
 * Exact Shapley values read from the model's own graph; null where it has no form that allows it, where
 * that does not answer as the model did, or where the walk would take too long.
 */
export async function explainExactly(subject: Subject): Promise<ExactValues[] | null> {
  try {
    return await explainAll(subject);
  } catch (error) {
    if (error instanceof UnreadableGraph || error instanceof WalkTooLong) return null;
    throw error;
  }
}

async function explainAll(subject: Subject): Promise<ExactValues[] | null> {
  const { graph, signature, tensors, explained, outputs, budget } = subject;
  const isClass = signature.task === "classification";
  const given = new Map(tensors.map((tensor) => [tensor.name, toColumns(signature, tensor)]));
  const form = readForm(graph, isClass ? "probabilities" : "prediction", given);
  const rows = tensors[0]?.shape[0] ?? 0;
  const made: ExactValues[] = [];
  for (let row = 0; row < explained; row += 1) {
    const column = isClass ? classIndex(signature, outputs, row) : 0;
    const { link, sum } = form.columns[column] ?? {};
    if (!link || !sum || !answersAlike(form, signature, outputs, row)) return null;
    const place = { row, from: explained };
    const values = await sumValues(sum, rows, place, signature.features.length, budget);
    made.push({ ...values, space: spaceOf(link, isClass) });
  }
  return made;
}

const SPACES = { logistic: "log_odds", softmax: "score", exponential: "log" } as const;

function spaceOf(link: Link, isClass: boolean): Space {
  return link === "identity" ? (isClass ? "probability" : "prediction") : SPACES[link];
}

const classIndex = ({ classes }: Signature, { predictions }: Predictions, row: number): number =>
  (classes ?? []).indexOf(predictions[row] ?? "");

/** Whether the form gives what the model itself answered. */
function answersAlike(form: Answers, signature: Signature, outputs: Predictions, row: number) {
  const found = answersAt(form, row);
  const told =
    signature.task === "classification"
      ? (signature.classes ?? []).map((one) => outputs.probabilities?.[row]?.[String(one)])
      : [Number(outputs.predictions[row])];
  return (
    found.length === told.length &&
    told.every((value = Number.NaN, at) => {
      const difference = Math.abs((found[at] ?? Number.NaN) - value);
      return difference <= TOLERANCE * Math.max(1, Math.abs(value));
    })
  );
}

function toColumns(signature: Signature, { name, datatype, shape, data }: Tensor): Columns {
  const input = signature.inputs.find((one) => one.name === name);
  const places = new Map(signature.features.map((feature, at) => [feature.name, at]));
  const [rows = 0, width = 0] = shape;
  if (shape.length !== 2) throw new UnreadableGraph("an input is no matrix");
  return {
    kind: "columns",
    type: datatype === "BYTES" ? "text" : datatype === "FP32" ? "float" : "double",
    rows,
    width,
    data: datatype === "BYTES" ? (data as string[]) : Float64Array.from(data as Float64Array),
    features: Int32Array.from(
      { length: width },
      (_, at) => places.get(input?.columns[at] ?? "") ?? -1,
    ),
  };
}
