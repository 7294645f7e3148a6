import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import type { InferenceNodes, ModelFormat, NodeModel } from "@/server/kernel/ports";
import {
  compileSignature,
  type Signature,
  signatureSchema,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";
import { noNodeFor } from "../model-format";
import { renamesFor } from "./rename-outputs";
import type { CheckedModel, SignatureHints } from "./schemas";
import { signatureFromGraph } from "./signature-from-graph";
import { UnfitModel } from "./unfit-model";

const refuse = (reason: string) => invalid(reason, [{ path: "model", message: reason }]);

/**
 * Looks at a PyTorch archive, or another file that Python nodes run, by loading it on a Python node under a name of its own: reading one runs
 * code, so no process of ours does. Throws validation_failed in words for the uploader, conflict
 * without a Python node.
 */
export async function checkArchive(
  ctx: Context,
  { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
  hints: SignatureHints,
  format: ModelFormat = "pt2",
): Promise<CheckedModel> {
  const { nodes } = ctx.ports;
  if (!nodes?.fits({ format })) throw new AppError("conflict", noNodeFor(format));
  const model: NodeModel = {
    workspaceId: ctx.workspaceId,
    versionId: newId(ctx.now().getTime()),
    sha256,
    sizeBytes,
    format,
    signature: hints.signature,
  };
  try {
    await nodes.load(model, 1);
    const signature = hints.signature ?? (await learnSignature(nodes, model, hints));
    const exampleAnswer = await answerTo(nodes, { ...model, signature }, signature, hints);
    return { signature, suffix: new Uint8Array(), exampleAnswer };
  } catch (error) {
    throw error instanceof UnfitModel ? refuse(error.message) : error;
  } finally {
    await nodes.unload(model);
  }
}

/** The signature its tensors and the uploader's hints make, kept by answers to samples of it. */
async function learnSignature(nodes: InferenceNodes, model: NodeModel, hints: SignatureHints) {
  const graph = await nodes.describe(model);
  const outputs = renamed(graph.outputs, hints);
  const parsed = signatureSchema.safeParse(signatureFromGraph({ ...graph, outputs }, hints));
  if (!parsed.success) {
    throw new UnfitModel(`The signature is not whole: ${parsed.error.issues[0]?.message}.`);
  }
  await nodes.load({ ...model, signature: parsed.data }, 1);
  return parsed.data;
}

/** Outputs of an archive go by their place, so a signature may call them as it likes. */
function renamed(outputs: readonly TensorSpec[], hints: SignatureHints): TensorSpec[] {
  const ours = new Map(
    [...renamesFor(outputs, hints)].map(([name, theirs]) => [theirs, name] as const),
  );
  return outputs.map((spec) => ({ ...spec, name: ours.get(spec.name) ?? spec.name }));
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
