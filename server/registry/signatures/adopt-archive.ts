import { withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { attachedPath } from "../model-format";
import { attachOnnx } from "../sources/attach-onnx";
import { exampleOf, type LoggedArchive } from "../sources/logged-archive";
import { checkArchive } from "../uploads/check-archive";
import type { CheckedModel, SignatureHints } from "../uploads/schemas";

/**
 * Makes a logged PyTorch archive the deployable file of its version: loaded on a Python node, behind
 * walls, where its tensors become the signature and it has to answer samples and MLflow's example.
 * Throws conflict with what has to be said first, or that no Python node is here.
 */
export async function adoptArchive(
  ctx: Context,
  { versionId, target }: { versionId: string; target: string },
  archive: LoggedArchive,
): Promise<void> {
  const { sha256, sizeBytes } = archive.file;
  const inputExample = await exampleOf(ctx, archive);
  const hints = { ...archive.said, target, ...(inputExample ? { inputExample } : {}) };
  const { signature } = await check(ctx, archive, hints);
  const facts = {
    file: { sha256, sizeBytes },
    path: attachedPath("pt2"),
    signature,
    parity: null,
    inputExample: inputExample ?? null,
  };
  await withWorkspace(ctx, (tx) => attachOnnx(tx, ctx, versionId, facts));
}

async function check(
  ctx: Context,
  { file }: LoggedArchive,
  hints: SignatureHints,
): Promise<CheckedModel> {
  try {
    return await checkArchive(ctx, file, hints);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "validation_failed") throw error;
    throw new AppError(
      "conflict",
      `The PyTorch archive ${file.path} cannot be served as it was logged. ${error.message} Look at the signature that is proposed on the version's page, or send it: PUT /models/{model}/versions/{v}/signature.`,
    );
  }
}
