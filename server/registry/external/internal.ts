import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { externalModels } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { RemoteModel } from "@/server/kernel/ports";

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
