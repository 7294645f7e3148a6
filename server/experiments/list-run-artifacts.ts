import { asc, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { type ArtifactOwner, below, getArtifactHome } from "./artifact-owner";
import { type ArtifactListDto, artifactPath } from "./schemas";

/**
 * Files and folders directly below a folder, by path; nothing for a file or a folder nobody wrote
 * to. Throws not_found for the owner.
 */
export async function listRunArtifacts(
  ctx: Context,
  input: { owner: ArtifactOwner; path?: string },
): Promise<ArtifactListDto> {
  requirePermission(ctx, "experiments:read");
  const folder = input.path ? artifactPath.parse(input.path) : "";
  const prefix = folder === "" ? "" : `${folder}/`;
  return withWorkspace(ctx, async (tx) => {
    const home = await getArtifactHome(tx, ctx, input.owner);
    const rest = sql`substr(${home.table.path}, ${[...prefix].length + 1}::int)`;
    const name = sql<string>`split_part(${rest}, '/', 1)`;
    // A name is a file, then it has one row, or a folder.
    const isDirectory = sql<boolean>`bool_or(position('/' in ${rest}) > 0)`;
    const rows = await tx
      .select({
        name: name.as("name"),
        isDirectory,
        sizeBytes: sql`sum(${home.table.sizeBytes})`.mapWith(Number),
        sha256: sql<string>`min(${home.table.sha256})`,
      })
      .from(home.table)
      .where(below(home, folder))
      .groupBy(sql`1`)
      .orderBy(asc(sql`1`));
    return {
      items: rows.map((row) => ({
        path: prefix + row.name,
        isDirectory: row.isDirectory,
        sizeBytes: row.isDirectory ? null : row.sizeBytes,
        sha256: row.isDirectory ? null : row.sha256,
      })),
    };
  });
}
