import { warmUp } from "@/server/node/models/warm-up";
import { inspectOnnx } from "@/server/node/onnx/inspect-onnx";
import { createOnnxSession } from "@/server/node/onnx/onnx-session";
import {
  compileSignature,
  type Signature,
  signatureSchema,
} from "@/server/protocols/open-inference/codec";
import type { CheckedModel, SignatureHints } from "./schemas";
import { signatureFromGraph, UnfitModel } from "./signature-from-graph";

/**
 * Looks at an ONNX file as an inference node does when it loads it: no bytes outside the file, no
 * foreign operators, answers to samples as its signature promises, and to the example. Runs in a
 * process of its own. Throws UnfitModel and ProtocolError 400, both in words for the uploader.
 */
export async function checkModel(bytes: Uint8Array, hints: SignatureHints): Promise<CheckedModel> {
  inspectOnnx(bytes);
  const session = await createOnnxSession(bytes, 1);
  try {
    const signature = parsed(hints.signature ?? signatureFromGraph(session, hints));
    await warmUp(session, signature);
    if (!hints.inputExample) return { signature, exampleAnswer: null };
    const codec = compileSignature(signature);
    const encoded = codec.encode([hints.inputExample]);
    if ("issues" in encoded) {
      throw new UnfitModel(`The input example does not fit: ${encoded.issues[0]?.message}.`);
    }
    const { outputs } = await session.run(encoded.tensors, undefined);
    const { predictions, probabilities } = codec.decode(outputs);
    const answer = { prediction: predictions[0], probabilities: probabilities?.[0] ?? null };
    return { signature, exampleAnswer: answer };
  } finally {
    await session.release();
  }
}

function parsed(signature: Signature): Signature {
  const result = signatureSchema.safeParse(signature);
  if (result.success) return result.data;
  throw new UnfitModel(`The signature is not whole: ${result.error.issues[0]?.message}.`);
}
