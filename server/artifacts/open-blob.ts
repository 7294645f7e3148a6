import { pipeline, type Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { BlobName, BlobStore } from "./blobs/blob-store";
import type { ByteRange } from "./byte-range";
import { HEADER_BYTES, messageKeysOf, NotAuthentic, sealedSize } from "./crypto/cobblestone";
import { openStream, sealedRange, spanOf } from "./crypto/open-stream";
import { DamagedObject } from "./damaged-object";

/** All that is needed to open one blob. */
export interface SealedObject {
  name: BlobName;
  /** 32 bytes. */
  key: Buffer;
  /** Lower-case hex, of the plain content. */
  sha256: string;
  /** Of the plain content. */
  sizeBytes: number;
}

/** Binds sealed bytes to their place: moved to another workspace or object they do not open. */
export const contextOf = (name: BlobName): string => `${name.workspaceId}|${name.objectId}`;

/**
 * Plain bytes of a blob, reading and opening only the chunks of the range. Throws not_found, or
 * DamagedObject here or into the stream, before a byte that is not authentic is given.
 */
export async function openBlob(
  blobs: BlobStore,
  object: SealedObject,
  range?: ByteRange,
): Promise<Readable> {
  const span = spanOf(object.sizeBytes, range);
  const keysOf = (header: Buffer) => messageKeysOf(object.key, header, contextOf(object.name));
  const damaged = () => new DamagedObject(object.sha256);
  const header = span.firstChunk === 0 ? undefined : await readHeader(blobs, object.name);
  const { stream, totalBytes } = await blobs.read(object.name, sealedRange(span));
  try {
    if (totalBytes !== sealedSize(object.sizeBytes)) throw damaged();
    const plain = openStream({ span, keysOf, header, damaged });
    return pipeline(stream, plain, () => undefined);
  } catch (error) {
    stream.destroy();
    throw error instanceof NotAuthentic ? damaged() : error;
  }
}

async function readHeader(blobs: BlobStore, name: BlobName): Promise<Buffer> {
  const { stream } = await blobs.read(name, { start: 0, end: HEADER_BYTES - 1 });
  return buffer(stream);
}
