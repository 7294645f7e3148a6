import { and, eq, lte } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { artifactUploads } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { type ArtifactOwner, getArtifactHome } from "../artifact-owner";
import { refuseMixedPaths } from "../put-run-artifact";
import { artifactPath } from "../schemas";
import { UPLOAD_MS, UPLOAD_PARTS_MAX } from "./internal";

const startInput = z.object({
  path: artifactPath,
  parts: z.int().min(1).max(UPLOAD_PARTS_MAX),
});

/**
 * Opens an upload of so many parts. Throws not_found for the owner, conflict for a deleted one and
 * where a file would have to be a folder. not audited: nothing is stored before it is complete.
 */
export async function startUpload(
  ctx: Context,
  input: { owner: ArtifactOwner } & z.input<typeof startInput>,
): Promise<{ uploadId: string; expiresAt: Date }> {
  requirePermission(ctx, "experiments:write");
  const { path, parts } = startInput.parse(input);
  const id = newId(ctx.now().getTime());
  const expiresAt = new Date(ctx.now().getTime() + UPLOAD_MS);
  await withWorkspace(ctx, async (tx) => {
    await refuseMixedPaths(tx, await getArtifactHome(tx, ctx, input.owner, { active: true }), path);
    await tx
      .delete(artifactUploads)
      .where(
        and(
          eq(artifactUploads.workspaceId, ctx.workspaceId),
          lte(artifactUploads.expiresAt, ctx.now()),
        ),
      );
    await tx.insert(artifactUploads).values({
      workspaceId: ctx.workspaceId,
      id,
      ownerKind: input.owner.kind,
      ownerId: input.owner.id,
      path,
      parts,
      createdAt: ctx.now(),
      expiresAt,
    });
  });
  return { uploadId: id, expiresAt };
}
