import { inspectOnnx } from "@/server/node/onnx/inspect-onnx";
import { createOnnxSession } from "@/server/node/onnx/onnx-session";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import { checkModel, withMetadata } from "./check-model";
import { guessHints, operatorOf } from "./guess-hints";
import type { SignatureHints, SignatureProposal } from "./schemas";
import { UnfitModel } from "./unfit-model";

/**
 * Reads the tensors of an ONNX file and proposes a signature that it answers to, with what had to be
 * assumed. Runs in a process of its own. Throws ProtocolError 400 for a file that no node would load.
 */
export async function proposeModel(
  bytes: Uint8Array,
  given: SignatureHints,
): Promise<SignatureProposal> {
  inspectOnnx(bytes);
  const session = await createOnnxSession(bytes, 1);
  const plain = (list: typeof session.inputs) =>
    list.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] }));
  const graph = { inputs: plain(session.inputs), outputs: plain(session.outputs) };
  await session.release();
  const said = withMetadata(bytes, given);
  const { hints, assumptions } = guessHints(graph, said, (name) => operatorOf(bytes, name));
  try {
    const { signature } = await checkModel(bytes, hints);
    return { graph, signature, outputs: hints.outputs, assumptions, reason: null };
  } catch (error) {
    if (!(error instanceof UnfitModel || error instanceof ProtocolError)) throw error;
    return { graph, signature: null, outputs: hints.outputs, assumptions, reason: error.message };
  }
}
