import { randomBytes } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type objectKeys, workspaceKeys } from "@/db/schema";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { unwrapKey, wrapKey } from "../crypto/wrap-key";
import type { Keyring } from "./keyring";

/** A workspace's key in the clear; never leaves the process. */
export interface WorkspaceKey {
  id: string;
  key: Buffer;
}

type WrappedRow = Pick<typeof workspaceKeys.$inferSelect, "id" | "kekId" | "wrappedKey">;
type ObjectRow = Pick<typeof objectKeys.$inferSelect, "sha256" | "objectId" | "sizeBytes">;

const keyPurpose = (workspaceId: string, id: string): string =>
  `modelyard workspace key v1|${workspaceId}|${id}`;

const objectPurpose = (workspaceId: string, row: ObjectRow): string =>
  `modelyard object key v1|${workspaceId}|${row.objectId}|${row.sha256}|${row.sizeBytes}`;

export const erased = () =>
  new AppError("conflict", "The artifacts of this workspace were erased; it takes no new ones.");

export function wrapWorkspaceKey(keyring: Keyring, workspaceId: string, one: WorkspaceKey) {
  const kekId = keyring.currentId;
  const purpose = keyPurpose(workspaceId, one.id);
  return { id: one.id, kekId, wrappedKey: wrapKey(keyring.kek(kekId), one.key, purpose) };
}

/** Throws conflict when the key was erased, unavailable without its KEK, NotAuthentic when altered. */
export function unwrapWorkspaceKey(
  keyring: Keyring,
  workspaceId: string,
  row: WrappedRow,
): WorkspaceKey {
  if (!row.wrappedKey) throw erased();
  const purpose = keyPurpose(workspaceId, row.id);
  return { id: row.id, key: unwrapKey(keyring.kek(row.kekId), row.wrappedKey, purpose) };
}

export const wrapObjectKey = (by: WorkspaceKey, workspaceId: string, row: ObjectRow, key: Buffer) =>
  wrapKey(by.key, key, objectPurpose(workspaceId, row));

/** Throws NotAuthentic when the row tells of another object, hash or size than was stored. */
export const unwrapObjectKey = (
  by: WorkspaceKey,
  workspaceId: string,
  row: ObjectRow & { wrappedKey: Buffer },
): Buffer => unwrapKey(by.key, row.wrappedKey, objectPurpose(workspaceId, row));

/** A fresh workspace key, written as the current one; nothing happens where there is one. */
export async function insertWorkspaceKey(
  tx: Transaction,
  keyring: Keyring,
  workspaceId: string,
  now: Date,
): Promise<void> {
  const made = wrapWorkspaceKey(keyring, workspaceId, { id: newId(), key: randomBytes(32) });
  await tx
    .insert(workspaceKeys)
    .values({ ...made, workspaceId, createdAt: now })
    .onConflictDoNothing();
}

/**
 * The key that wraps new object keys, made when the workspace has none. The row stays locked against
 * rotation until the transaction ends. Throws conflict when the workspace's artifacts are erased.
 */
export async function currentWorkspaceKey(
  tx: Transaction,
  keyring: Keyring,
  workspaceId: string,
  now: Date,
): Promise<WorkspaceKey> {
  const read = () =>
    tx
      .select()
      .from(workspaceKeys)
      .where(and(eq(workspaceKeys.workspaceId, workspaceId), isNull(workspaceKeys.retiredAt)))
      .for("share");
  let [row] = await read();
  if (!row) {
    await insertWorkspaceKey(tx, keyring, workspaceId, now);
    [row] = await read();
  }
  if (!row) throw new AppError("unavailable", "The workspace's key is being changed. Try again.");
  return unwrapWorkspaceKey(keyring, workspaceId, row);
}
