import { buffer } from "node:stream/consumers";
import type { ObjectAccess } from "@/server/kernel/ports";
import type { BlobStore } from "./blobs/blob-store";
import { openBlob } from "./open-blob";

/**
 * Reads a whole object as inference nodes do: they hold no key but the one that came with the
 * request. Throws not_found when the store does not hold it, DamagedObject when it does not open.
 */
export function createArtifactReader(
  blobs: BlobStore,
): (sha256: string, access: ObjectAccess | undefined) => Promise<Buffer> {
  return async (sha256, access) => {
    if (!access) {
      throw Object.assign(new Error("an artifact opens with its key only"), { code: "ENOENT" });
    }
    const { workspaceId, objectId, sizeBytes } = access;
    const key = Buffer.from(access.key, "base64");
    const object = { name: { workspaceId, objectId }, key, sha256, sizeBytes };
    return buffer(await openBlob(blobs, object));
  };
}
