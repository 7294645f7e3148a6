import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersionArtifacts, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import type { VersionArtifact } from "./schemas";

const input = z.object({ versionId: z.uuid(), path: z.string().max(1_000).default("") });

/** A file of a version, or a folder, which has no content of its own. */
interface VersionEntry {
  path: string;
  isDirectory: boolean;
  sizeBytes: number | null;
}

/** Files and folders directly below a folder of a version, by path. Throws not_found. */
export async function listVersionFolder(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<VersionEntry[]> {
  requirePermission(ctx, "models:read");
  const { versionId, path } = input.parse(values);
  const prefix = path === "" ? "" : `${path}/`;
  const files = await withWorkspace(ctx, (tx) => filesOf(tx, ctx, versionId, prefix));
  const entries = new Map<string, VersionEntry>();
  for (const file of files) {
    const [name = "", ...rest] = file.path.slice(prefix.length).split("/");
    const isDirectory = rest.length > 0;
    entries.set(name, {
      path: prefix + name,
      isDirectory,
      sizeBytes: isDirectory ? null : file.sizeBytes,
    });
  }
  return [...entries.values()];
}

/** Which object a file of a version is. Throws not_found. */
export async function openVersionFile(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<VersionArtifact> {
  requirePermission(ctx, "models:read");
  const { versionId, path } = input.parse(values);
  const files = await withWorkspace(ctx, (tx) => filesOf(tx, ctx, versionId, path));
  const file = files.find((one) => one.path === path);
  if (!file) throw notFound(`The artifact ${path}`);
  return file;
}

/** Files whose path begins so; a deleted version has none. */
async function filesOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionId: string,
  prefix: string,
): Promise<VersionArtifact[]> {
  const own = and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId));
  const [version] = await tx
    .select({ id: modelVersions.id })
    .from(modelVersions)
    .where(and(own, isNull(modelVersions.deletedAt)));
  if (!version) throw notFound("The version");
  const { path, kind, sha256, sizeBytes } = modelVersionArtifacts;
  return tx
    .select({ path, kind, sha256, sizeBytes })
    .from(modelVersionArtifacts)
    .where(
      and(
        eq(modelVersionArtifacts.workspaceId, ctx.workspaceId),
        eq(modelVersionArtifacts.versionId, versionId),
        sql`starts_with(${path}, ${prefix})`,
      ),
    )
    .orderBy(asc(path));
}
