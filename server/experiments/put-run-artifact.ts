import type { Readable } from "node:stream";
import { and, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { loggedModelArtifacts, runArtifacts, traceArtifacts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { storeObject } from "@/server/artifacts";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type ArtifactHome, type ArtifactOwner, getArtifactHome, SUBJECTS } from "./artifact-owner";
import { ARTIFACT_MAX_BYTES } from "./constants";
import { artifactPath } from "./schemas";

export interface StoredArtifact {
  path: string;
  sha256: string;
  sizeBytes: number;
}

/**
 * Streams a file into the store and gives it a path; the path's former content is replaced. Throws
 * not_found, validation_failed for an unsafe path, payload_too_large, conflict where a file would
 * have to be a folder.
 */
export async function putRunArtifact(
  ctx: Context,
  input: { owner: ArtifactOwner; path: string; content: Readable; limitBytes?: number },
): Promise<StoredArtifact> {
  requirePermission(ctx, "experiments:write");
  const path = artifactPath.parse(input.path);
  // Refused before a byte is read; asked again below, since the upload may take long.
  await withWorkspace(ctx, async (tx) => {
    await refuseMixedPaths(tx, await getArtifactHome(tx, ctx, input.owner, { active: true }), path);
  });
  const limit = input.limitBytes ?? ARTIFACT_MAX_BYTES;
  const object = await ctx.ports.objects.put(ctx.workspaceId, input.content, limit);
  return withWorkspace(ctx, async (tx) => {
    const home = await getArtifactHome(tx, ctx, input.owner, { active: true });
    await refuseMixedPaths(tx, home, path);
    await storeObject(tx, ctx, object);
    await writeRow(tx, ctx, home, { path, ...object });
    await recordAudit(tx, ctx, {
      action: "artifact.stored",
      subjectType: SUBJECTS[home.owner.kind],
      subjectId: home.owner.id,
      after: { path, ...object },
    });
    await announceChange(tx, ctx, "experiments", home.owner.id);
    return { path, ...object };
  });
}

/** A path is a file or a folder, never both. Throws conflict. */
export async function refuseMixedPaths(
  tx: Transaction,
  home: ArtifactHome,
  path: string,
): Promise<void> {
  const parts = path.split("/");
  const folders = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
  const [clash] = await tx
    .select({ path: home.table.path })
    .from(home.table)
    .where(
      and(
        home.own,
        sql`(${home.table.path} = any(${sql.param(folders)}::text[]) or starts_with(${home.table.path}, ${`${path}/`}))`,
      ),
    )
    .limit(1);
  if (clash)
    throw new AppError("conflict", `${clash.path} is in the way: a path is a file or a folder.`);
}

async function writeRow(
  tx: Transaction,
  ctx: Context,
  { owner }: ArtifactHome,
  file: StoredArtifact,
): Promise<void> {
  const values = { ...file, workspaceId: ctx.workspaceId, createdAt: ctx.now() };
  const set = { sha256: file.sha256, sizeBytes: file.sizeBytes, createdAt: ctx.now() };
  if (owner.kind === "run") {
    const { workspaceId, runId, path } = runArtifacts;
    await tx
      .insert(runArtifacts)
      .values({ ...values, runId: owner.id })
      .onConflictDoUpdate({ target: [workspaceId, runId, path], set });
    return;
  }
  if (owner.kind === "trace") {
    const { workspaceId, traceId, path } = traceArtifacts;
    await tx
      .insert(traceArtifacts)
      .values({ ...values, traceId: owner.id })
      .onConflictDoUpdate({ target: [workspaceId, traceId, path], set });
    return;
  }
  const { workspaceId, modelId, path } = loggedModelArtifacts;
  await tx
    .insert(loggedModelArtifacts)
    .values({ ...values, modelId: owner.id })
    .onConflictDoUpdate({ target: [workspaceId, modelId, path], set });
}
