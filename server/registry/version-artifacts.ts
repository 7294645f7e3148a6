import { and, asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelVersionArtifacts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { serveObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { getModelInWorkspace, getVersionInWorkspace } from "./internal";
import { type VersionArtifact, versionRef } from "./schemas";

/** The files of a version, by path. Throws not_found. */
export async function listVersionArtifacts(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<VersionArtifact[]> {
  requirePermission(ctx, "models:read");
  const { model, version } = versionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const parent = await getModelInWorkspace(tx, ctx, model);
    const row = await getVersionInWorkspace(tx, ctx, parent, version);
    return tx
      .select({
        path: modelVersionArtifacts.path,
        kind: modelVersionArtifacts.kind,
        sha256: modelVersionArtifacts.sha256,
        sizeBytes: modelVersionArtifacts.sizeBytes,
      })
      .from(modelVersionArtifacts)
      .where(
        and(
          eq(modelVersionArtifacts.workspaceId, ctx.workspaceId),
          eq(modelVersionArtifacts.versionId, row.id),
        ),
      )
      .orderBy(asc(modelVersionArtifacts.path));
  });
}

/** One file as a download. The path only picks a row; it never reaches a file system. */
export async function downloadVersionArtifact(
  ctx: Context,
  input: z.input<typeof versionRef> & { path: string; request: Request },
): Promise<Response> {
  const artifacts = await listVersionArtifacts(ctx, input);
  const artifact = artifacts.find(({ path }) => path === input.path);
  if (!artifact) throw notFound("The artifact");
  return serveObject(ctx, input.request, artifact, {
    fileName: artifact.path,
    contentType: "application/octet-stream",
  });
}
