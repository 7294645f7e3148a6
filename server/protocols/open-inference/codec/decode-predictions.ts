import { ProtocolError } from "./protocol-error";
import type { Signature } from "./signature";
import type { Tensor } from "./tensor";

export type Prediction = string | number | boolean;

export type Predictions = {
  /** One a row. */
  predictions: Prediction[];
  /** One a row: class to probability. Absent for regression and models that give none. */
  probabilities?: Record<string, number>[];
};

/**
 * Prepares the way from a model's output tensors to typed predictions. The closure throws
 * ProtocolError 502 when the tensors are not what the signature promises.
 */
export function compileDecoder(signature: Signature): (tensors: readonly Tensor[]) => Predictions {
  if (signature.task === "regression")
    return (tensors) => ({ predictions: Array.from(numbersOf(tensors, "prediction"), Number) });
  const classes = signature.classes ?? [];
  const names = classes.map(String);
  const hasProbabilities = signature.outputs.some((output) => output.name === "probabilities");
  return (tensors) => {
    const predictions = Array.from(numbersOf(tensors, "label"), (label) => {
      const value = classes[Number(label)];
      if (value === undefined) throw broken(`label ${label} is none of ${classes.length} classes`);
      return value;
    });
    if (!hasProbabilities) return { predictions };
    const values = numbersOf(tensors, "probabilities");
    if (values.length !== predictions.length * names.length)
      throw broken(`${values.length} probabilities for ${predictions.length} rows`);
    return { predictions, probabilities: rowsOf(values, names) };
  };
}

function rowsOf(values: ArrayLike<number | bigint>, names: readonly string[]) {
  const rows: Record<string, number>[] = [];
  for (let start = 0; start < values.length; start += names.length) {
    // A class may be called __proto__: fromEntries defines own properties.
    rows.push(Object.fromEntries(names.map((name, at) => [name, Number(values[start + at])])));
  }
  return rows;
}

function numbersOf(tensors: readonly Tensor[], name: string): ArrayLike<number | bigint> {
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor === undefined) throw broken(`the output ${name} is missing`);
  if (tensor.datatype === "BYTES") throw broken(`the output ${name} is not numeric`);
  return tensor.data as ArrayLike<number | bigint>;
}

function broken(what: string): ProtocolError {
  return new ProtocolError(502, `the model does not answer as its signature says: ${what}`);
}
