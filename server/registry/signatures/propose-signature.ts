import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { formatOf } from "../model-format";
import { type LoggedOnnx, openLoggedOnnx } from "../sources/logged-onnx";
import { proposeUpload } from "../uploads/check-upload";
import type { SignatureHints, SignatureProposal } from "../uploads/schemas";
import { modelOf } from "./internal";
import { proposeInput } from "./schemas";

/**
 * Reads the graph of a version's ONNX file and proposes a signature it answers to, with what had to
 * be assumed. Writes nothing. Throws not_found, conflict for a version without an ONNX file,
 * validation_failed for a file that no node would load.
 */
export async function proposeSignature(
  ctx: Context,
  input: z.input<typeof proposeInput>,
): Promise<SignatureProposal> {
  requirePermission(ctx, "models:write");
  const { model: ref, version: which, ...said } = proposeInput.parse(input);
  const read = <T>(work: (tx: Transaction) => Promise<T>) => withWorkspace(ctx, work);
  const { version, target } = await read(async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const version = await getVersionInWorkspace(tx, ctx, model, which);
    return { version, target: model.targetVariable ?? "target" };
  });
  const hints = { ...said, target: said.target ?? target };
  const found = await modelOf(ctx, version, read);
  if (found.kind === "logged") return proposeLogged(ctx, found.onnx, hints);
  if (found.kind === "file" && formatOf(found.file.path) === undefined) {
    return proposeUpload(await openObject(ctx, found.file), hints);
  }
  throw new AppError("conflict", REASONS[found.kind]);
}

const ARCHIVE = "A PyTorch archive is read on a Python node only: send its signature whole.";
const REASONS = {
  archive: ARCHIVE,
  file: ARCHIVE,
  elsewhere: "The model runs elsewhere: its tensors were read from its server.",
  none: "The version has no ONNX file. A native model gets its signature when it is converted.",
} as const;

/** What can be the signature of a logged ONNX file; MLflow's own names columns, where it has some. */
export async function proposeLogged(
  ctx: Context,
  onnx: LoggedOnnx,
  hints: SignatureHints,
): Promise<SignatureProposal> {
  const propose = async (features: string[] | undefined) =>
    proposeUpload(await openLoggedOnnx(ctx, onnx), features ? { ...hints, features } : hints);
  const named = await propose(hints.features ?? onnx.features);
  // Names that do not fit the graph are worth less than none.
  if (named.signature || hints.features || !onnx.features) return named;
  return propose(undefined);
}
