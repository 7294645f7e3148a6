import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { artifactUploads } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { ArtifactOwner } from "../artifact-owner";
import { getUploadInWorkspace, requirePlace } from "./internal";

/** Forgets an upload and its parts. Throws not_found. not audited: a part is no file yet. */
export async function abortUpload(
  ctx: Context,
  input: { owner: ArtifactOwner; path: string; uploadId: string },
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  await withWorkspace(ctx, async (tx) => {
    const row = await getUploadInWorkspace(tx, ctx, input.uploadId);
    requirePlace(row, input);
    await tx
      .delete(artifactUploads)
      .where(and(eq(artifactUploads.workspaceId, ctx.workspaceId), eq(artifactUploads.id, row.id)));
  });
}
