import type { Readable } from "node:stream";

/** Content-addressed bytes. Keys are ours, never a request's string. */
export interface ObjectStore {
  /** Streams content in; answers its SHA-256 (lower-case hex) and size. Nothing stays when it throws. */
  put(
    workspaceId: string,
    content: Readable,
    limitBytes: number,
  ): Promise<{ sha256: string; sizeBytes: number }>;
  /** Bytes `start` to `end` inclusive, whole when absent. Throws not_found. */
  get(
    workspaceId: string,
    sha256: string,
    range?: { start: number; end: number },
  ): Promise<Readable>;
  delete(workspaceId: string, sha256: string): Promise<void>;
}

/** What the product needs from outside, handed in so that tests need no module mocks. */
export interface Ports {
  objects: ObjectStore;
}
