import { decodeRows, takesImages } from "@/server/images";
import { warmUp } from "@/server/node/models/warm-up";
import { inspectOnnx } from "@/server/node/onnx/inspect-onnx";
import { createOnnxSession, type OnnxSession } from "@/server/node/onnx/onnx-session";
import {
  compileSignature,
  type Signature,
  signatureSchema,
} from "@/server/protocols/open-inference/codec";
import { derivationsFor, derivingBytes } from "./derive-outputs";
import { imageFromMetadata } from "./image-hints";
import type { CheckedModel, SignatureHints } from "./schemas";
import { signatureFromGraph } from "./signature-from-graph";
import { UnfitModel } from "./unfit-model";

/**
 * Looks at an ONNX file as an inference node does when it loads it: no bytes outside the file, no
 * foreign operators, answers to samples as its signature promises, and to the example. Runs in a
 * process of its own. Throws UnfitModel and ProtocolError 400, both in words for the uploader.
 */
export async function checkModel(bytes: Uint8Array, hints: SignatureHints): Promise<CheckedModel> {
  inspectOnnx(bytes);
  const plain = await createOnnxSession(bytes, 1);
  const { inputs, outputs } = plain;
  await plain.release();
  const derived = derivationsFor(outputs, hints);
  const suffix = derivingBytes(outputs, derived);
  const whole = suffix.length > 0 ? Buffer.concat([bytes, suffix]) : bytes;
  inspectOnnx(whole);
  const session = await createOnnxSession(whole, 1);
  try {
    // What got another name or form is not told twice.
    const hidden = new Set(
      derived.flatMap(({ operator, from }) => (operator === "ArgMax" ? [] : from)),
    );
    const graph = { inputs, outputs: session.outputs.filter(({ name }) => !hidden.has(name)) };
    const signature = parsed(
      hints.signature ?? signatureFromGraph(graph, withMetadata(bytes, hints)),
    );
    await warmUp(session, signature);
    const exampleAnswer = await answerTo(session, signature, hints);
    return { signature, suffix: new Uint8Array(suffix), exampleAnswer };
  } finally {
    await session.release();
  }
}

/** What the file says of its images, where the uploader said nothing. */
export const withMetadata = (bytes: Uint8Array, hints: SignatureHints): SignatureHints => {
  const image = { ...imageFromMetadata(bytes), ...hints.image };
  return Object.keys(image).length > 0 ? { ...hints, image } : hints;
};

async function answerTo(session: OnnxSession, signature: Signature, hints: SignatureHints) {
  if (!hints.inputExample) return null;
  const codec = compileSignature(signature);
  const rows = [hints.inputExample];
  const decoded = takesImages(signature) ? await decodeRows(signature, rows) : { rows };
  const encoded = "issues" in decoded ? decoded : codec.encode(decoded.rows);
  if ("issues" in encoded) {
    throw new UnfitModel(`The input example does not fit: ${encoded.issues[0]?.message}.`);
  }
  const { outputs } = await session.run(encoded.tensors, undefined);
  const { predictions, probabilities } = codec.decode(outputs);
  return { prediction: predictions[0], probabilities: probabilities?.[0] ?? null };
}

function parsed(signature: Signature): Signature {
  const result = signatureSchema.safeParse(signature);
  if (result.success && result.data.outputs.some(({ from }) => from)) {
    throw new UnfitModel(
      "Outputs of an ONNX file have names: only those of an archive say “from”.",
    );
  }
  if (result.success) return result.data;
  throw new UnfitModel(`The signature is not whole: ${result.error.issues[0]?.message}.`);
}
