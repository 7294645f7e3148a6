import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { formatOf } from "../model-format";
import { type LoggedOnnx, openLoggedOnnx } from "../sources/logged-onnx";
import { proposeArchive } from "../uploads/check-archive";
import { proposeUpload } from "../uploads/check-upload";
import type { SignatureHints, SignatureProposal } from "../uploads/schemas";
import { modelOf } from "./internal";
import { proposeInput } from "./schemas";

/**
 * Reads the tensors of a version's ONNX file or PyTorch archive and proposes a signature it answers
 * to, with what had to be assumed. Writes nothing. Throws not_found, conflict for a version without
 * either and for an archive without a Python node, validation_failed for a file that no node would
 * load.
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
  if (found.kind === "archive") {
    return proposeNamed(found.said.features, { task: found.said.task, ...hints }, (named) =>
      proposeArchive(ctx, found.file, named),
    );
  }
  if (found.kind === "file") {
    const format = formatOf(found.file.path);
    if (format === "pt2") return proposeArchive(ctx, found.file, hints);
    if (!format) return proposeUpload(await openObject(ctx, found.file), hints);
  }
  throw new AppError("conflict", REASONS[found.kind]);
}

const REASONS = {
  file: "A native model says its signature itself, when it is first deployed.",
  elsewhere: "The model runs elsewhere: its tensors were read from its server.",
  none: "The version has no ONNX file or PyTorch archive. A native model gets its signature when it is converted.",
} as const;

/** What can be the signature of a logged ONNX file; MLflow's own names columns, where it has some. */
export const proposeLogged = (
  ctx: Context,
  onnx: LoggedOnnx,
  hints: SignatureHints,
): Promise<SignatureProposal> =>
  proposeNamed(onnx.features, hints, async (named) =>
    proposeUpload(await openLoggedOnnx(ctx, onnx), named),
  );

async function proposeNamed(
  logged: string[] | undefined,
  { features: given, ...hints }: SignatureHints,
  propose: (hints: SignatureHints) => Promise<SignatureProposal>,
): Promise<SignatureProposal> {
  const features = given ?? logged;
  const named = await propose(features ? { ...hints, features } : hints);
  // Names that do not fit the graph are worth less than none.
  if (named.signature || given || !logged) return named;
  return propose(hints);
}
