import { concatenateTensors, sliceTensor } from "@/server/node/batching/merge-tensors";
import type { OnnxSession } from "@/server/node/onnx/onnx-session";
import {
  badRequest,
  compileSignature,
  formatShape,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";
import { sampleInputs, seededRandom } from "./sample-inputs";

/** Random rows tried for a model with a signature. */
const ROWS = 4;
const SEED = 20_240_501;
/** Runtimes order floating point sums by batch size, so merged rows may differ in the last bits. */
const TOLERANCE = 1e-5;

export type WarmUp = {
  /** The inputs as callers must send them. */
  inputs: TensorSpec[];
  /** True when rows may run together: each answer depends on its own row alone. */
  rowsAreIndependent: boolean;
  /** Milliseconds that one row of a small batch took; 0 when it was not measured. */
  rowMs: number;
};

/**
 * Runs zero and random samples through a model so that its first caller does not pay for
 * allocation, and so that what cannot answer is never reported ready. With a signature the answers
 * must be what it promises. Throws ProtocolError 400.
 */
export async function warmUp(
  session: OnnxSession,
  signature: Signature | undefined,
): Promise<WarmUp> {
  const inputs = agreedInputs(session, signature);
  try {
    await session.run(sampleInputs(inputs, signature, 1, "zero"), undefined);
    return { inputs, ...(await tryBatch(session, inputs, signature)) };
  } catch (error) {
    // Without a signature the samples are guesses (an image model may need more than 1 × 1).
    if (signature === undefined) return { inputs, rowsAreIndependent: false, rowMs: 0 };
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(`the model does not answer a sample of its signature: ${reason}`);
  }
}

/**
 * The inputs as callers must send them: what the model declares, with the lengths that only the
 * signature knows filled in. Throws ProtocolError 400 when the two contradict each other.
 */
function agreedInputs(session: OnnxSession, signature: Signature | undefined): TensorSpec[] {
  if (signature === undefined) return session.inputs;
  checkNames("input", signature.inputs, session.inputs);
  checkNames("output", signature.outputs, session.outputs);
  return session.inputs.map((actual) => {
    const declared = signature.inputs.find((tensor) => tensor.name === actual.name);
    if (declared === undefined)
      throw badRequest(`the model needs the input ${actual.name}, the signature has none such`);
    const fits =
      declared.shape.length === actual.shape.length &&
      declared.shape.every((length, at) => {
        const fixed = actual.shape[at] ?? -1;
        return fixed < 0 || fixed === length;
      });
    if (!fits)
      throw badRequest(
        `input ${actual.name} is ${formatShape(declared.shape)} in the signature and ${formatShape(actual.shape)} in the model`,
      );
    return { ...actual, shape: declared.shape };
  });
}

function checkNames(
  kind: "input" | "output",
  declared: readonly TensorSpec[],
  actual: readonly TensorSpec[],
): void {
  for (const tensor of declared) {
    const found = actual.find((candidate) => candidate.name === tensor.name);
    if (found === undefined)
      throw badRequest(`the signature names the ${kind} ${tensor.name}, the model has none such`);
    if (found.datatype !== tensor.datatype)
      throw badRequest(
        `${kind} ${tensor.name} is ${tensor.datatype} in the signature and ${found.datatype} in the model`,
      );
  }
}

/** Runs a few random rows together and one by one and compares the answers. */
async function tryBatch(
  session: OnnxSession,
  specs: readonly TensorSpec[],
  signature: Signature | undefined,
): Promise<{ rowsAreIndependent: boolean; rowMs: number }> {
  const dependent = { rowsAreIndependent: false, rowMs: 0 };
  const rowed = [...session.inputs, ...session.outputs].every((spec) => spec.shape[0] === -1);
  if (!rowed && signature === undefined) return dependent;
  const inputs = sampleInputs(specs, signature, ROWS, seededRandom(SEED));
  const { outputs: together } = await session.run(inputs, undefined);
  if (signature !== undefined) compileSignature(signature).decode(together);
  if (!rowed || together.some((output) => output.shape[0] !== ROWS)) return dependent;
  const singles: Tensor[][] = [];
  for (let row = 0; row < ROWS; row++) {
    const single = inputs.map((input) => sliceTensor(input, row, row + 1));
    singles.push((await session.run(single, undefined)).outputs);
  }
  const rowsAreIndependent = together.every((output, at) => {
    const parts = singles.flatMap((outputs) => outputs[at] ?? []);
    return parts.every((part) => part.shape[0] === 1) && isClose(output, concatenateTensors(parts));
  });
  return { rowsAreIndependent, rowMs: (await shortestCallMs(session, inputs)) / ROWS };
}

/** The best of three: a busy machine makes a single timing too long, never too short. */
async function shortestCallMs(session: OnnxSession, inputs: readonly Tensor[]): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const { computeMs } = await session.run(inputs, undefined);
    shortest = Math.min(shortest, computeMs);
  }
  return shortest;
}

function isClose(a: Tensor, b: Tensor): boolean {
  if (a.data.length !== b.data.length) return false;
  for (let at = 0; at < a.data.length; at++) {
    const left = a.data[at];
    const right = b.data[at];
    if (left === right) continue;
    if (typeof left !== "number" || typeof right !== "number") return false;
    if (Number.isNaN(left) && Number.isNaN(right)) continue;
    const scale = Math.max(1, Math.abs(left), Math.abs(right));
    if (!(Math.abs(left - right) <= TOLERANCE * scale)) return false;
  }
  return true;
}
