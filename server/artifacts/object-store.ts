import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { objectKeys } from "@/db/schema";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ObjectStore } from "@/server/kernel/ports";
import type { BlobStore } from "./blobs/blob-store";
import { sealedSize } from "./crypto/cobblestone";
import { sealStream } from "./crypto/seal-stream";
import { DamagedObject } from "./damaged-object";
import { checkNames, isMissing, type KeyRoom, locateObject } from "./keys/locate-object";
import { currentWorkspaceKey, wrapObjectKey } from "./keys/workspace-key";
import { contextOf, openBlob, type SealedObject } from "./open-blob";

interface Room extends KeyRoom {
  blobs: BlobStore;
}

/** Objects sealed under keys of their own; the books hold the keys, the blob store the bytes. */
export function createObjectStore(room: Room): ObjectStore {
  return {
    put: (workspaceId, content, limitBytes) => put(room, workspaceId, content, limitBytes),
    get: async (workspaceId, sha256, range) =>
      openBlob(room.blobs, await locateObject(room, workspaceId, sha256), range),
    async access(workspaceId, sha256) {
      const { name, key, sizeBytes } = await locateObject(room, workspaceId, sha256);
      return { ...name, key: key.toString("base64"), sizeBytes };
    },
    async delete(workspaceId, sha256) {
      checkNames(workspaceId, sha256);
      // The key first: bytes that a killed process leaves behind open for nobody.
      const [gone] = await withWorkspace({ ...room, workspaceId }, (tx) =>
        tx
          .delete(objectKeys)
          .where(and(eq(objectKeys.workspaceId, workspaceId), eq(objectKeys.sha256, sha256)))
          .returning({ objectId: objectKeys.objectId }),
      );
      if (gone) await room.blobs.remove({ workspaceId, objectId: gone.objectId });
    },
    discard: (workspaceId, objectId) => room.blobs.remove({ workspaceId, objectId }),
  };
}

async function put(room: Room, workspaceId: string, content: Readable, limitBytes: number) {
  if (!isUuid(workspaceId)) throw notFound("The workspace");
  const tenant = { ...room, workspaceId };
  const now = new Date();
  // Refuses before the first byte where the workspace takes none.
  await withWorkspace(tenant, (tx) => currentWorkspaceKey(tx, room.keyring, workspaceId, now));
  const name = { workspaceId, objectId: randomUUID() };
  const key = randomBytes(32);
  const meter = createMeter(limitBytes);
  const sealing = sealStream(key, contextOf(name));
  await pipeline(content, meter.stream, sealing, (sealed: AsyncIterable<Buffer>) =>
    room.blobs.write(name, sealed, sealedSize(limitBytes)),
  );
  const stored = meter.finish();
  try {
    if (!(await keep(room, { name, key, ...stored }, now))) await room.blobs.remove(name);
    return stored;
  } catch (error) {
    await room.blobs.remove(name).catch(() => undefined);
    throw error;
  }
}

/** Notes the key; false when the workspace has the same content intact already. */
async function keep(room: Room, made: SealedObject, now: Date): Promise<boolean> {
  const { sha256, sizeBytes, name } = made;
  const { workspaceId, objectId } = name;
  const values = { sha256, sizeBytes, objectId, createdAt: now };
  const write = (replaced?: string) =>
    withWorkspace({ ...room, workspaceId }, async (tx) => {
      const by = await currentWorkspaceKey(tx, room.keyring, workspaceId, now);
      const wrappedKey = wrapObjectKey(by, workspaceId, values, made.key);
      const row = { ...values, workspaceId, workspaceKeyId: by.id, wrappedKey };
      if (!replaced) {
        return tx.insert(objectKeys).values(row).onConflictDoNothing().returning();
      }
      const same = [eq(objectKeys.workspaceId, workspaceId), eq(objectKeys.sha256, sha256)];
      const where = and(...same, eq(objectKeys.objectId, replaced));
      return tx.update(objectKeys).set(row).where(where).returning();
    });
  if ((await write()).length > 0) return true;
  const [known] = await withWorkspace({ ...room, workspaceId }, (tx) =>
    tx
      .select({ objectId: objectKeys.objectId })
      .from(objectKeys)
      .where(and(eq(objectKeys.workspaceId, workspaceId), eq(objectKeys.sha256, sha256))),
  );
  if (!known) return false;
  if (await isIntact(room, workspaceId, sha256)) {
    // Stored again is stored now: it is not collected before its row is written.
    const touched = await withWorkspace({ ...room, workspaceId }, (tx) =>
      tx
        .update(objectKeys)
        .set({ createdAt: now })
        .where(
          and(eq(objectKeys.workspaceId, workspaceId), eq(objectKeys.objectId, known.objectId)),
        )
        .returning({ objectId: objectKeys.objectId }),
    );
    return touched.length === 0 && (await write()).length > 0;
  }
  if ((await write(known.objectId)).length === 0) return false;
  await room.blobs.remove({ workspaceId, objectId: known.objectId });
  return true;
}

async function isIntact(room: Room, workspaceId: string, sha256: string): Promise<boolean> {
  try {
    const found = await locateObject(room, workspaceId, sha256);
    await pipeline(await openBlob(room.blobs, found), async (plain) => {
      for await (const _chunk of plain);
    });
    return true;
  } catch (error) {
    if (error instanceof DamagedObject || isMissing(error)) return false;
    throw error;
  }
}

/** Counts and hashes what passes, and fails above the limit. */
function createMeter(limitBytes: number) {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) {
        const message = `The content may hold ${limitBytes} bytes at most.`;
        return done(new AppError("payload_too_large", message));
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, finish: () => ({ sha256: hash.digest("hex"), sizeBytes }) };
}
