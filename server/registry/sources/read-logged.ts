import { and, eq, isNull } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { modelVersionArtifacts, modelVersions } from "@/db/schema";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace } from "../internal";
import type { VersionArtifact } from "../schemas";
import { MLMODEL_MAX_BYTES } from "./read-mlmodel";

/** The files of a version that an MLflow client logged, and the text of its MLmodel; "" for none. */
export interface Logged {
  files: VersionArtifact[];
  content: string;
}

/** Reads the MLmodel among a version's files and nothing else. Throws not_found. */
export async function readLogged(
  ctx: Context,
  { model, versionId }: { model: string; versionId: string },
): Promise<Logged> {
  const files = await withWorkspace(ctx, async (tx) => {
    const { id: modelId } = await getModelInWorkspace(tx, ctx, model);
    const { path, kind, sha256, sizeBytes } = modelVersionArtifacts;
    return tx
      .select({ path, kind, sha256, sizeBytes })
      .from(modelVersionArtifacts)
      .innerJoin(
        modelVersions,
        and(
          eq(modelVersions.workspaceId, modelVersionArtifacts.workspaceId),
          eq(modelVersions.id, modelVersionArtifacts.versionId),
        ),
      )
      .where(
        and(
          eq(modelVersions.workspaceId, ctx.workspaceId),
          eq(modelVersions.modelId, modelId),
          eq(modelVersions.id, versionId),
          isNull(modelVersions.deletedAt),
        ),
      );
  });
  const mlmodel = files.find(({ path }) => path === "MLmodel");
  if (!mlmodel || mlmodel.sizeBytes > MLMODEL_MAX_BYTES) return { files, content: "" };
  const chunks: Buffer[] = [];
  for await (const chunk of await openObject(ctx, mlmodel)) chunks.push(chunk as Buffer);
  return { files, content: Buffer.concat(chunks).toString("utf8") };
}
