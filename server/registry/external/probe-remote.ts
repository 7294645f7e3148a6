import { z } from "zod";
import { AppError, invalid } from "@/server/kernel/errors";
import type { Outbound } from "@/server/kernel/outbound";
import { NodeOverloaded, NodeRejected, NodeUnavailable } from "@/server/node/client";
import {
  compileSignature,
  DATATYPES,
  ProtocolError,
  type Signature,
  signatureSchema,
} from "@/server/protocols/open-inference/codec";
import { renamesFor } from "../uploads/rename-outputs";
import type { SignatureHints } from "../uploads/schemas";
import { signatureFromGraph } from "../uploads/signature-from-graph";
import { UnfitModel } from "../uploads/unfit-model";
import { openRemote, type RemoteCaller, type RemoteTarget } from "./open-remote";
import type { ExternalCheck, ExternalFindings } from "./schemas";

const INFER_MS = 20_000;
const REASON_MAX = 300;

const tensors = z
  .array(
    z.object({
      name: z.string().min(1).max(256),
      datatype: z.enum(DATATYPES),
      shape: z.array(z.coerce.number().int().min(-1)).min(1).max(8),
    }),
  )
  .max(16);
const modelMetadata = z.object({ inputs: tensors.default([]), outputs: tensors.default([]) });
const serverMetadata = z.object({ extensions: z.array(z.string()).default([]) });

type Where = Omit<RemoteTarget, "binary" | "outputs">;

/**
 * Looks at a model on a server elsewhere: what it takes and gives, whether it is ready, and whether
 * it answers a row of zeros as that says. Throws validation_failed with the reason where it cannot
 * be registered.
 */
export async function probeRemote(
  where: Where,
  hints: SignatureHints,
  outbound: Outbound,
  infer: boolean,
): Promise<ExternalFindings & { outputs: Record<string, string> }> {
  const bare = openRemote({ ...where, binary: false, outputs: {} }, outbound);
  let found: Described;
  let binary: boolean;
  try {
    binary = await speaksBinary(bare);
    found = await readMetadata(bare, where, hints);
  } catch (error) {
    throw refusal(error, where.secret);
  } finally {
    await bare.client.close();
  }
  const caller = openRemote({ ...where, binary, outputs: found.outputs }, outbound);
  try {
    const check = await checkRemote(caller, where, found.signature, infer);
    return { ...found, ...check, binaryTensors: binary };
  } finally {
    await caller.client.close();
  }
}

/** Whether a registered model is ready, and answers. Tells failures, throws none. */
export async function checkRemote(
  { client, infer }: RemoteCaller,
  where: Pick<RemoteTarget, "model" | "version" | "secret">,
  signature: Signature,
  asks: boolean,
): Promise<ExternalCheck> {
  const startedMs = performance.now();
  const ready = await client.ready(where.model, where.version ?? undefined);
  let latencyMs = performance.now() - startedMs;
  if (!ready || !asks) {
    return { ready, latencyMs, answered: null, error: ready ? null : "The model is not ready." };
  }
  try {
    const codec = compileSignature(signature);
    const encoded = codec.encode([zeros(signature)]);
    if ("issues" in encoded) throw new UnfitModel("A row of zeros does not fit the signature.");
    const askedMs = performance.now();
    const answer = await infer(encoded.tensors, { timeoutMs: INFER_MS });
    latencyMs = performance.now() - askedMs;
    codec.decode(answer.tensors);
    return { ready, latencyMs, answered: true, error: null };
  } catch (error) {
    return { ready, latencyMs, answered: false, error: reasonOf(error, where.secret) };
  }
}

async function speaksBinary({ client }: RemoteCaller): Promise<boolean> {
  try {
    const said = serverMetadata.safeParse(await client.metadata());
    return said.data?.extensions.includes("binary_tensor_data") ?? false;
  } catch (error) {
    // Some servers describe their models only; who cannot be reached is told by the next call.
    if (error instanceof NodeRejected) return false;
    throw error;
  }
}

interface Described {
  signature: Signature;
  outputs: Record<string, string>;
}

async function readMetadata(
  { client }: RemoteCaller,
  { model, version }: Where,
  hints: SignatureHints,
): Promise<Described> {
  const said = modelMetadata.safeParse(await client.metadata(model, version ?? undefined));
  const { inputs, outputs } = said.data ?? { inputs: [], outputs: [] };
  if (hints.outputs?.logits) {
    throw new UnfitModel(
      "A server elsewhere must answer label and probabilities itself: nothing is made of its logits.",
    );
  }
  if (hints.signature) {
    const renamed = Object.entries(hints.outputs ?? {}).filter(
      ([, theirs]) => theirs !== undefined,
    );
    return {
      signature: hints.signature,
      outputs: Object.fromEntries(renamed) as Record<string, string>,
    };
  }
  if (inputs.length === 0 || outputs.length === 0) {
    throw new UnfitModel("The server does not describe the model: send its signature.");
  }
  const renames = renamesFor(outputs, hints);
  const ours = new Map([...renames].map(([our, their]) => [their, our]));
  const graph = {
    inputs,
    outputs: outputs.map((one) => ({ ...one, name: ours.get(one.name) ?? one.name })),
  };
  const signature = signatureSchema.safeParse(signatureFromGraph(graph, hints));
  if (signature.success) return { signature: signature.data, outputs: Object.fromEntries(renames) };
  throw new UnfitModel(`The signature is not whole: ${signature.error.issues[0]?.message}.`);
}

/** A row every feature of which is nothing. */
const zeros = ({ features }: Signature): Record<string, unknown> =>
  Object.fromEntries(
    features.map(({ name, type, categories }) => [
      name,
      type === "category" ? (categories?.[0] ?? "") : type === "boolean" ? false : 0,
    ]),
  );

/** In words for whoever registers it; what the server said is shortened and holds no credential. */
function reasonOf(error: unknown, secret: string | null): string {
  return told(error)
    .replaceAll(secret || "\u0000", "…")
    .slice(0, REASON_MAX);
}

function told(error: unknown): string {
  if (error instanceof NodeRejected) return `The server answers ${error.status}: ${error.message}.`;
  if (error instanceof NodeOverloaded) return "The server has more requests than it can take.";
  if (error instanceof NodeUnavailable) return `The server does not answer: ${error.message}.`;
  if (error instanceof UnfitModel || error instanceof AppError) return error.message;
  if (error instanceof ProtocolError) return `What it answers cannot be used: ${error.message}.`;
  throw error;
}

function refusal(error: unknown, secret: string | null): AppError {
  if (error instanceof AppError) return error;
  const message = reasonOf(error, secret);
  return invalid(message, [{ path: "url", message }]);
}
