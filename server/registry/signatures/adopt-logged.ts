import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getModelInWorkspace } from "../internal";
import { attachOnnx } from "../sources/attach-onnx";
import { loggedArchive } from "../sources/logged-archive";
import { loggedOnnx } from "../sources/logged-onnx";
import { readLogged } from "../sources/read-logged";
import { storeLogged } from "../sources/store-logged";
import { adoptArchive } from "./adopt-archive";
import { proposeLogged } from "./propose-signature";

const input = z.object({ model: z.string().min(1).max(300), versionId: z.uuid() });

/**
 * Before a version is deployed: an ONNX file or PyTorch archive that an MLflow client logged becomes the
 * deployable one, where all of its signature is known; other versions pass. Throws not_found for the model,
 * conflict with what has to be said first.
 */
export async function adoptLogged(ctx: Context, values: z.input<typeof input>): Promise<void> {
  requirePermission(ctx, "deployments:write");
  const ref = input.parse(values);
  const logged = await readLogged(ctx, ref);
  if (logged.files.some(({ kind }) => kind === "model")) return;
  const onnx = loggedOnnx(logged);
  const archive = onnx ? null : loggedArchive(logged);
  if (!onnx && !archive) return;
  const read = <T>(work: (tx: Transaction) => Promise<T>) => withWorkspace(ctx, work);
  const model = await read(async (tx) => {
    const found = await getModelInWorkspace(tx, ctx, ref.model);
    await requireGrant(tx, ctx, { on: { modelId: found.id }, action: "deploy" });
    return found;
  });
  const target = model.targetVariable ?? "target";
  if (archive) return adoptArchive(ctx, { versionId: ref.versionId, target }, archive);
  if (!onnx) return;
  const { signature, outputs, assumptions, reason } = await proposeLogged(ctx, onnx, { target });
  const open = reason ?? assumptions.join(" ");
  if (!signature || open) {
    throw new AppError(
      "conflict",
      `The ONNX file does not say all of its signature. ${open} Look at the one that is proposed on the version's page, or send it: PUT /models/{model}/versions/{v}/signature.`,
    );
  }
  const file = await storeLogged(ctx, onnx, { target, signature, ...(outputs ? { outputs } : {}) });
  const facts = { file, signature, parity: null, inputExample: null };
  await read((tx) => attachOnnx(tx, ctx, ref.versionId, facts));
}
