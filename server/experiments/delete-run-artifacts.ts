import { and, eq, or } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { type ArtifactOwner, below, getArtifactHome, SUBJECTS } from "./artifact-owner";
import { artifactPath } from "./schemas";

/**
 * Removes a file, a folder with all below it, or everything for an empty path. The bytes stay while
 * anything else stands for them. Throws not_found, also when nothing is at the path.
 */
export async function deleteRunArtifacts(
  ctx: Context,
  input: { owner: ArtifactOwner; path: string },
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const path = input.path === "" ? "" : artifactPath.parse(input.path);
  await withWorkspace(ctx, async (tx) => {
    const home = await getArtifactHome(tx, ctx, input.owner, { active: true });
    const all = below(home, path);
    const file = eq(home.table.path, path);
    const gone = await tx
      .delete(home.table)
      .where(path === "" ? all : or(all, and(home.own, file)))
      .returning({ path: home.table.path });
    if (gone.length === 0 && path !== "") throw notFound(`The artifact ${path}`);
    await recordAudit(tx, ctx, {
      action: "artifact.deleted",
      subjectType: SUBJECTS[home.owner.kind],
      subjectId: home.owner.id,
      before: { path, files: gone.length },
    });
    await announceChange(tx, ctx, "experiments", home.owner.id);
  });
}
