import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { type ArtifactOwner, getArtifactHome } from "./artifact-owner";
import type { StoredArtifact } from "./put-run-artifact";
import { artifactPath } from "./schemas";

/** Which object a path stands for; ctx.ports.objects.get reads it. Throws not_found. */
export async function openRunArtifact(
  ctx: Context,
  input: { owner: ArtifactOwner; path: string },
): Promise<StoredArtifact> {
  requirePermission(ctx, "experiments:read");
  const path = artifactPath.parse(input.path);
  return withWorkspace(ctx, async (tx) => {
    const home = await getArtifactHome(tx, ctx, input.owner);
    const [row] = await tx
      .select({
        path: home.table.path,
        sha256: home.table.sha256,
        sizeBytes: home.table.sizeBytes,
      })
      .from(home.table)
      .where(and(home.own, eq(home.table.path, path)));
    if (!row) throw notFound(`The artifact ${path}`);
    return row;
  });
}
