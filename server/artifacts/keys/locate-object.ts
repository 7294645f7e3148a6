import { and, eq } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import { objectKeys, workspaceKeys } from "@/db/schema";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { NotAuthentic } from "../crypto/cobblestone";
import { DamagedObject } from "../damaged-object";
import type { SealedObject } from "../open-blob";
import type { Keyring } from "./keyring";
import { unwrapObjectKey, unwrapWorkspaceKey } from "./workspace-key";

const SHA256 = /^[0-9a-f]{64}$/;

export interface KeyRoom {
  db: Database;
  keyring: Keyring;
}

/**
 * Where an object's bytes lie, and its key. Nothing is kept in memory, so an erasure holds at once.
 * Throws not_found, also for an erased workspace; DamagedObject when the key's row was altered.
 */
export async function locateObject(
  { db, keyring }: KeyRoom,
  workspaceId: string,
  sha256: string,
): Promise<SealedObject> {
  checkNames(workspaceId, sha256);
  const [row] = await withWorkspace({ db, workspaceId }, (tx) =>
    tx
      .select()
      .from(objectKeys)
      .innerJoin(
        workspaceKeys,
        and(
          eq(workspaceKeys.workspaceId, objectKeys.workspaceId),
          eq(workspaceKeys.id, objectKeys.workspaceKeyId),
        ),
      )
      .where(and(eq(objectKeys.workspaceId, workspaceId), eq(objectKeys.sha256, sha256))),
  );
  if (!row?.workspace_keys.wrappedKey) throw notFound("The object");
  const { objectId, sizeBytes } = row.object_keys;
  try {
    const by = unwrapWorkspaceKey(keyring, workspaceId, row.workspace_keys);
    const key = unwrapObjectKey(by, workspaceId, row.object_keys);
    return { name: { workspaceId, objectId }, key, sha256, sizeBytes };
  } catch (error) {
    if (error instanceof NotAuthentic) throw new DamagedObject(sha256);
    throw error;
  }
}

/** Throws not_found for what cannot name an object. */
export function checkNames(workspaceId: string, sha256: string): void {
  if (!isUuid(workspaceId) || !SHA256.test(sha256)) throw notFound("The object");
}

/** Whether an error says that the object is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof AppError && error.code === "not_found";
