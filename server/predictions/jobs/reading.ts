import type { Transaction } from "@/db/client";
import type { DatasetColumn, DatasetRow } from "@/server/datasets";
import { nodeModelOf } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import type { NodeModel } from "@/server/kernel/ports";
import { type Signature, signatureSchema } from "@/server/protocols/open-inference/codec";
import { matchColumns, type Reading } from "./match-columns";

/** What it takes to run a dataset through a version. */
export interface Prepared extends Reading {
  model: NodeModel;
  signature: Signature;
}

/**
 * How a dataset is read for a version. Throws conflict for a version that no node can run,
 * validation_failed for a dataset that does not have what the version takes.
 */
export async function readingOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  { versionId, dataset }: { versionId: string; dataset: DatasetRow },
): Promise<Prepared> {
  const model = await nodeModelOf(tx, ctx, versionId);
  const { data: signature } = signatureSchema.safeParse(model?.signature);
  if (!model || !signature) {
    throw new AppError(
      "conflict",
      "The version has no ONNX model with a signature, so it cannot be run.",
    );
  }
  const reading = matchColumns(dataset.columns as DatasetColumn[], signature);
  if (!("issues" in reading)) return { ...reading, model, signature };
  const told = reading.issues.map(({ message }) => message).slice(0, 3);
  const what = `${dataset.name} v${dataset.version} ${told.join(", ")}`;
  const more = reading.issues.length > told.length ? " And more." : "";
  throw invalid(`${what}.${more}`, reading.issues);
}
