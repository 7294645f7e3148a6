import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import type { InferenceNodes, ModelFormat, NodeModel } from "@/server/kernel/ports";
import {
  compileSignature,
  type Signature,
  signatureSchema,
} from "@/server/protocols/open-inference/codec";
import { noNodeFor } from "../model-format";
import { archiveOutputs } from "./archive-outputs";
import { guessHints } from "./guess-hints";
import type { CheckedModel, SignatureHints, SignatureProposal } from "./schemas";
import { signatureFromGraph } from "./signature-from-graph";
import { UnfitModel } from "./unfit-model";

const refuse = (reason: string) => invalid(reason, [{ path: "model", message: reason }]);

interface Stored {
  sha256: string;
  sizeBytes: number;
}

/**
 * Looks at a PyTorch archive, or another file that Python nodes run, by loading it on a Python node
 * under a name of its own: reading one runs code, so no process of ours does. Throws
 * validation_failed in words for the uploader, conflict without a Python node.
 */
export async function checkArchive(
  ctx: Context,
  stored: Stored,
  hints: SignatureHints,
  format: ModelFormat = "pt2",
): Promise<CheckedModel> {
  const check = async (nodes: InferenceNodes, model: NodeModel): Promise<CheckedModel> => {
    const signature = hints.signature ?? (await learnSignature(nodes, model, hints));
    const exampleAnswer = await answerTo(nodes, { ...model, signature }, signature, hints);
    return { signature, suffix: new Uint8Array(), exampleAnswer };
  };
  try {
    return await loaded(ctx, { ...stored, format, signature: hints.signature }, check);
  } catch (error) {
    throw error instanceof UnfitModel ? refuse(error.message) : error;
  }
}

/** Reads the tensors of an archive in the same way and proposes a signature that it answers to. */
export async function proposeArchive(
  ctx: Context,
  { sha256, sizeBytes }: Stored,
  given: SignatureHints,
): Promise<SignatureProposal> {
  const file = { sha256, sizeBytes, format: "pt2", signature: undefined } as const;
  return loaded(ctx, file, async (nodes, model) => {
    const { inputs, outputs } = await nodes.describe(model);
    const { hints, assumptions } = guessHints({ inputs, outputs }, given, () => undefined);
    const said = { graph: { inputs, outputs }, outputs: hints.outputs, assumptions };
    try {
      return { ...said, signature: await learnSignature(nodes, model, hints), reason: null };
    } catch (error) {
      const isUnfit = error instanceof AppError && error.code === "validation_failed";
      if (!isUnfit && !(error instanceof UnfitModel)) throw error;
      return { ...said, signature: null, reason: error.message };
    }
  });
}

/** Runs `work` while a Python node holds the file. */
async function loaded<T>(
  ctx: Context,
  file: Stored & { format: ModelFormat; signature: Signature | undefined },
  work: (nodes: InferenceNodes, model: NodeModel) => Promise<T>,
): Promise<T> {
  const { nodes } = ctx.ports;
  if (!nodes?.fits(file)) throw new AppError("conflict", noNodeFor(file.format));
  const { workspaceId } = ctx;
  const model: NodeModel = { ...file, workspaceId, versionId: newId(ctx.now().getTime()) };
  try {
    await nodes.load(model, 1);
    return await work(nodes, model);
  } finally {
    await nodes.unload(model);
  }
}

/** The signature its tensors and the uploader's hints make, kept by answers to samples of it. */
async function learnSignature(nodes: InferenceNodes, model: NodeModel, hints: SignatureHints) {
  const graph = await nodes.describe(model);
  const outputs = archiveOutputs(graph.outputs, hints);
  const made = signatureFromGraph({ ...graph, outputs }, hints);
  const parsed = signatureSchema.safeParse({ ...made, outputs });
  if (!parsed.success) {
    throw new UnfitModel(`The signature is not whole: ${parsed.error.issues[0]?.message}.`);
  }
  await nodes.load({ ...model, signature: parsed.data }, 1);
  return parsed.data;
}

async function answerTo(
  nodes: InferenceNodes,
  model: NodeModel,
  signature: Signature,
  { inputExample }: SignatureHints,
) {
  if (!inputExample) return null;
  const codec = compileSignature(signature);
  const encoded = codec.encode([inputExample]);
  if ("issues" in encoded) {
    throw new UnfitModel(`The input example does not fit: ${encoded.issues[0]?.message}.`);
  }
  const { tensors } = await nodes.infer(model, 1, encoded.tensors);
  const { predictions, probabilities } = codec.decode(tensors);
  return { prediction: predictions[0], probabilities: probabilities?.[0] ?? null };
}
