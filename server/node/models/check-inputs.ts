import {
  badRequest,
  formatShape,
  quoted,
  type Tensor,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";

/**
 * The tensors of a request in the order of the model's inputs, each checked for name, datatype,
 * rank and fixed dimensions. Throws ProtocolError 400 that lists missing and unknown names.
 */
export function checkInputs(specs: readonly TensorSpec[], tensors: readonly Tensor[]): Tensor[] {
  const ordered: Tensor[] = [];
  for (const spec of specs) {
    const tensor = tensors.find((candidate) => candidate.name === spec.name);
    if (tensor !== undefined) {
      checkTensor(spec, tensor);
      ordered.push(tensor);
    }
  }
  if (ordered.length === specs.length && tensors.length === specs.length) return ordered;
  throw wrongNames(specs, tensors);
}

function wrongNames(specs: readonly TensorSpec[], tensors: readonly Tensor[]): Error {
  const expected = new Set(specs.map((spec) => spec.name));
  const given = new Set(tensors.map((tensor) => tensor.name));
  const missing = [...expected].filter((name) => !given.has(name));
  const unknown = [...given].filter((name) => !expected.has(name));
  const list = (names: string[]) => names.slice(0, 10).map(quoted).join(", ");
  const parts = [`expected ${expected.size} inputs, got ${tensors.length}`];
  if (missing.length > 0) parts.push(`missing: ${list(missing)}`);
  if (unknown.length > 0) parts.push(`unknown: ${list(unknown)}`);
  return badRequest(parts.join("; "));
}

function checkTensor(spec: TensorSpec, tensor: Tensor): void {
  if (tensor.datatype !== spec.datatype)
    throw badRequest(`input ${quoted(spec.name)} must be ${spec.datatype}, got ${tensor.datatype}`);
  const fits =
    tensor.shape.length === spec.shape.length &&
    spec.shape.every((length, at) => length < 0 || length === tensor.shape[at]);
  if (!fits)
    throw badRequest(
      `input ${quoted(spec.name)} must have the shape ${formatShape(spec.shape)}, got ${formatShape(tensor.shape)}`,
    );
}

/** Checks the names of the outputs asked for. Throws ProtocolError 400. */
export function checkOutputs(specs: readonly TensorSpec[], names: readonly string[]): void {
  for (const name of names)
    if (!specs.some((spec) => spec.name === name))
      throw badRequest(
        `output ${quoted(name)} is not known; the model has ${specs.map((spec) => quoted(spec.name)).join(", ")}`,
      );
}
