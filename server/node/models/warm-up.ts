import { concatenateTensors, sliceTensor } from "@/server/node/batching/merge-tensors";
import type { OnnxSession } from "@/server/node/onnx/onnx-session";
import { badRequest, type Signature, type Tensor } from "@/server/protocols/open-inference/codec";
import { sampleInputs, seededRandom } from "./sample-inputs";

/** Random rows tried for a model with a signature. */
const ROWS = 4;
const SEED = 20_240_501;
/** Runtimes order floating point sums by batch size, so merged rows may differ in the last bits. */
const TOLERANCE = 1e-5;

export type WarmUp = {
  /** True when rows may run together: each answer depends on its own row alone. */
  rowsAreIndependent: boolean;
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
  if (signature !== undefined) checkDeclared(session, signature);
  try {
    await session.run(sampleInputs(session.inputs, signature, 1, "zero"), undefined);
    return { rowsAreIndependent: await tryBatch(session, signature) };
  } catch (error) {
    // Without a signature the samples are guesses (an image model may need more than 1 × 1).
    if (signature === undefined) return { rowsAreIndependent: false };
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(`the model does not answer a sample of its signature: ${reason}`);
  }
}

function checkDeclared(session: OnnxSession, signature: Signature): void {
  for (const [kind, declared, actual] of [
    ["input", signature.inputs, session.inputs],
    ["output", signature.outputs, session.outputs],
  ] as const) {
    for (const tensor of declared) {
      const found = actual.find((candidate) => candidate.name === tensor.name);
      if (found === undefined)
        throw badRequest(`the signature names the ${kind} ${tensor.name}, the model has none such`);
      if (found.datatype !== tensor.datatype)
        throw badRequest(
          `${kind} ${tensor.name} is ${tensor.datatype} in the signature and ${found.datatype} in the model`,
        );
    }
    for (const tensor of actual)
      if (kind === "input" && !declared.some((candidate) => candidate.name === tensor.name))
        throw badRequest(`the model needs the input ${tensor.name}, the signature has none such`);
  }
}

/** Runs a few random rows together and one by one and compares the answers. */
async function tryBatch(session: OnnxSession, signature: Signature | undefined): Promise<boolean> {
  const rowed = [...session.inputs, ...session.outputs].every((spec) => spec.shape[0] === -1);
  if (!rowed) return false;
  const inputs = sampleInputs(session.inputs, signature, ROWS, seededRandom(SEED));
  const together = await session.run(inputs, undefined);
  if (together.some((output) => output.shape[0] !== ROWS)) return false;
  const singles: Tensor[][] = [];
  for (let row = 0; row < ROWS; row++)
    singles.push(
      await session.run(
        inputs.map((input) => sliceTensor(input, row, row + 1)),
        undefined,
      ),
    );
  return together.every((output, at) => {
    const parts = singles.flatMap((outputs) => outputs[at] ?? []);
    return parts.every((part) => part.shape[0] === 1) && isClose(output, concatenateTensors(parts));
  });
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
