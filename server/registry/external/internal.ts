import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { externalModels } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import type { RemoteModel } from "@/server/kernel/ports";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import type { Credential, ExternalDto } from "./schemas";

export type ExternalRow = typeof externalModels.$inferSelect;

/** Where a version runs when that is elsewhere; undefined for versions with a file. */
export async function findExternal(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionId: string,
): Promise<ExternalRow | undefined> {
  const [row] = await tx
    .select()
    .from(externalModels)
    .where(
      and(eq(externalModels.workspaceId, ctx.workspaceId), eq(externalModels.versionId, versionId)),
    );
  return row;
}

export const toRemoteModel = (row: ExternalRow): RemoteModel => ({
  url: row.url,
  model: row.remoteModel,
  version: row.remoteVersion,
  binary: row.binaryTensors,
  outputs: row.outputNames as RemoteModel["outputs"],
  credential: row.credential as RemoteModel["credential"],
  headerName: row.headerName,
  secret: row.secret,
});

/** What the pool needs to ask a version that runs elsewhere; null for one that does not. */
export async function remoteModelOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionId: string,
): Promise<RemoteModel | null> {
  const row = await findExternal(tx, ctx, versionId);
  return row ? toRemoteModel(row) : null;
}

/** Loads a version that runs elsewhere by its reference. Throws not_found. */
export async function getExternalInWorkspace(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  ref: { model: string; version: string },
) {
  const model = await getModelInWorkspace(tx, ctx, ref.model);
  const version = await getVersionInWorkspace(tx, ctx, model, ref.version);
  const external = await findExternal(tx, ctx, version.id);
  if (!external) throw notFound("An endpoint of this version");
  return { model, version, external };
}

/** The secret part of a credential as it is sealed; null where there is none. */
export function secretOf(credential: Credential): string | null {
  if (credential.kind === "bearer") return credential.token;
  if (credential.kind === "basic") return `${credential.username}:${credential.password}`;
  return credential.kind === "header" ? credential.value : null;
}

export const toExternalDto = (row: ExternalRow): ExternalDto => ({
  versionId: row.versionId,
  url: row.url,
  protocol: "open-inference",
  remoteModel: row.remoteModel,
  remoteVersion: row.remoteVersion,
  binaryTensors: row.binaryTensors,
  outputs: row.outputNames as ExternalDto["outputs"],
  credential: row.credential as ExternalDto["credential"],
  headerName: row.headerName,
  lastCheck: row.lastCheck as ExternalDto["lastCheck"],
  checkedAt: row.checkedAt.toISOString(),
});
