import type { Readable } from "node:stream";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ByteRange } from "../byte-range";

/** Names sealed bytes. Both parts are ours, made at random; neither tells of the content. */
export interface BlobName {
  workspaceId: string;
  objectId: string;
}

/** Where sealed bytes lie. A name is written once and never again, so a reader sees one content. */
export interface BlobStore {
  /** Keeps all of it or, when it throws, nothing. `limitBytes` is an upper bound of its size. */
  write(name: BlobName, content: AsyncIterable<Buffer>, limitBytes: number): Promise<void>;
  /** Bytes `start` to `end` inclusive, fewer where the blob ends before. Throws not_found. */
  read(name: BlobName, range: ByteRange): Promise<{ stream: Readable; totalBytes: number }>;
  /** Done as well when there is no such blob. */
  remove(name: BlobName): Promise<void>;
  /** Removes all that a workspace has; answers how many blobs that were. Repeating it is harmless. */
  removeWorkspace(workspaceId: string, onRemoved: (count: number) => void): Promise<number>;
  /** Undefined when the store answers, else what is wrong, for an operator. */
  check(): Promise<string | undefined>;
}

/** `<workspace>/<last two hex>/<object>`. Throws not_found for anything but two UUIDs. */
export function blobKey({ workspaceId, objectId }: BlobName): string {
  if (!isUuid(workspaceId) || !isUuid(objectId)) throw notFound("The object");
  const object = objectId.toLowerCase();
  return `${workspaceId.toLowerCase()}/${object.slice(-2)}/${object}`;
}
