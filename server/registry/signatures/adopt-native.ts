import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import type { InferenceNodes, NodeModel } from "@/server/kernel/ports";
import { type Signature, signatureSchema } from "@/server/protocols/open-inference/codec";
import { getModelInWorkspace } from "../internal";
import { attachedPath, formatOf, type NativeFormat, noNodeFor } from "../model-format";
import { attachOnnx } from "../sources/attach-onnx";
import { type NativeSource, nativeSource } from "../sources/native-source";
import { readLogged } from "../sources/read-logged";
import { nativeSignature } from "./native-signature";

const input = z.object({ model: z.string().min(1).max(300), versionId: z.uuid() });

/**
 * Before a version is deployed natively: the model that an MLflow client logged becomes the deployable
 * file as it is, once a Python node loaded it behind walls and it answered samples of its signature.
 * A version keeps the form it was first deployed in. Throws not_found for the model, conflict where it
 * cannot run natively, with what to do.
 */
export async function adoptNative(ctx: Context, values: z.input<typeof input>): Promise<void> {
  requirePermission(ctx, "deployments:write");
  const ref = input.parse(values);
  const { id, targetVariable } = await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref.model);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "deploy" });
    return model;
  });
  const { files } = await readLogged(ctx, { model: id, versionId: ref.versionId });
  const served = files.find(({ kind }) => kind === "model");
  if (served && formatOf(served.path)) return;
  if (served) throw refuse("It was deployed as ONNX, and a version keeps the form it has.");
  const source = await nativeSource(ctx, { model: id, versionId: ref.versionId });
  const format = source && formatOfSource(source);
  if (!format) throw refuse("It has no XGBoost, LightGBM or skops model among its files.");
  const { sha256, sizeBytes } = source.model;
  const file = { sha256, sizeBytes };
  const signature = await learn(ctx, { ...file, format }, source, targetVariable ?? "target");
  const facts = { file, path: attachedPath(format), signature, parity: null, inputExample: null };
  await withWorkspace(ctx, (tx) => attachOnnx(tx, ctx, ref.versionId, facts));
}

const refuse = (reason: string) =>
  new AppError(
    "conflict",
    `The version cannot be served natively. ${reason} Register it anew, or deploy it converted to ONNX.`,
  );

function formatOfSource({ flavor, form }: NativeSource): NativeFormat | null {
  if (form === "pickle") {
    throw refuse("It is stored as a pickle, which runs code when it is read: no node reads those.");
  }
  if (form === "skops") return "skops";
  return flavor === "sklearn" ? null : flavor;
}

type File = Required<Pick<NodeModel, "sha256" | "sizeBytes" | "format">>;

/** Its signature, as a Python node tells it and keeps it. */
async function learn(
  ctx: Context,
  file: File & { format: NativeFormat },
  { columns }: NativeSource,
  target: string,
): Promise<Signature> {
  const { nodes } = ctx.ports;
  if (!nodes?.fits(file)) throw new AppError("conflict", noNodeFor(file.format));
  const { workspaceId } = ctx;
  const versionId = newId(ctx.now().getTime());
  const model = { ...file, workspaceId, versionId, signature: undefined };
  try {
    return await answered(nodes, model, columns, target);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "validation_failed") throw error;
    throw refuse(error.message);
  } finally {
    await nodes.unload(model);
  }
}

async function answered(
  nodes: InferenceNodes,
  model: NodeModel,
  columns: unknown,
  target: string,
): Promise<Signature> {
  await nodes.load(model, 1);
  const told = nativeSignature(await nodes.describe(model), columns, target);
  const parsed = signatureSchema.safeParse(told);
  if (!parsed.success) {
    throw refuse(`Its signature is not whole: ${parsed.error.issues[0]?.message}.`);
  }
  // Again with the signature, of which the node warms up with samples.
  await nodes.load({ ...model, signature: parsed.data }, 1);
  return parsed.data;
}
