import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import type { Transaction } from "@/db/client";
import { modelVersionArtifacts, modelVersions } from "@/db/schema";
import { storeObject } from "@/server/artifacts";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import type { Signature } from "@/server/protocols/open-inference/codec";
import type { parityReport } from "../schemas";

/** The deployable file of a logged version, and what was proved of it. */
export interface OnnxFacts {
  file: { sha256: string; sizeBytes: number };
  /** Its name, which says its format; an ONNX file when absent. */
  path?: string;
  signature: Signature;
  /** null where there was nothing to compare with. */
  parity: z.infer<typeof parityReport> | null;
  inputExample: unknown;
}

const ONNX_PATH = "modelyard/model.onnx";

/**
 * Gives a version that came as a native model its deployable file, in the transaction of whoever
 * made it. A version that has one keeps it. Throws not_found for a version that was deleted.
 */
export async function attachOnnx(
  tx: Transaction,
  ctx: Context,
  versionId: string,
  { file, path = ONNX_PATH, signature, parity, inputExample }: OnnxFacts,
): Promise<void> {
  const own = and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId));
  const [version] = await tx
    .select({ modelId: modelVersions.modelId, inputExample: modelVersions.inputExample })
    .from(modelVersions)
    .where(and(own, isNull(modelVersions.deletedAt)))
    .for("update");
  if (!version) throw notFound("The version");
  const artifacts = modelVersionArtifacts;
  const [present] = await tx
    .select({ path: artifacts.path })
    .from(artifacts)
    .where(
      and(
        eq(artifacts.workspaceId, ctx.workspaceId),
        eq(artifacts.versionId, versionId),
        eq(artifacts.kind, "model"),
      ),
    );
  if (present) return;
  await storeObject(tx, ctx, file);
  await tx
    .insert(artifacts)
    .values({ ...file, workspaceId: ctx.workspaceId, versionId, path, kind: "model" });
  await tx
    .update(modelVersions)
    .set({
      signature,
      parity,
      task: signature.task,
      inputExample: version.inputExample ?? inputExample,
      updatedAt: ctx.now(),
    })
    .where(own);
  await recordAudit(tx, ctx, {
    action: "version.converted",
    subjectType: "version",
    subjectId: versionId,
    after: { ...file, path, parity },
  });
  await announceChange(tx, ctx, "registry", version.modelId);
}
