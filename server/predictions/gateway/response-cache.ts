import { hash } from "node:crypto";
import { encodeInferRequest, type Tensor } from "@/server/protocols/open-inference/codec";

/** What is asked of a version, in one canonical form. */
export interface RequestKey {
  /** SHA-256 of `bytes`, hex. */
  digest: string;
  /** Version, wanted outputs and tensors by name, so that two keys can be compared whole. */
  bytes: Buffer;
}

/** Requests that mean the same have the same key, however their tensors were ordered or written. */
export function requestKey(
  versionId: string,
  tensors: readonly Tensor[],
  outputs: readonly string[] | undefined,
): RequestKey {
  const inputs = tensors
    .map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { body } = encodeInferRequest(
    { inputs, id: versionId, ...(outputs ? { outputs } : {}) },
    "binary",
  );
  return { digest: hash("sha256", body, "hex"), bytes: body };
}

interface Entry<T> {
  key: Buffer;
  value: T;
  bytes: number;
  expiresMs: number;
}

/** What an entry costs beside its key and value, bytes. */
const ENTRY_BYTES = 300;

/** Answers of one deployment: least recently used first out, bounded in bytes, each for its time. */
export class ResponseCache<T> {
  private readonly entries = new Map<string, Entry<T>>();
  bytes = 0;

  get size(): number {
    return this.entries.size;
  }

  /** Undefined for what is unknown or too old. `nowMs` of a monotonic clock. */
  get(key: RequestKey, nowMs: number): T | undefined {
    const entry = this.entries.get(key.digest);
    if (!entry) return undefined;
    if (entry.expiresMs <= nowMs) {
      this.drop(key.digest, entry);
      return undefined;
    }
    if (!entry.key.equals(key.bytes)) return undefined;
    this.entries.delete(key.digest);
    this.entries.set(key.digest, entry);
    return entry.value;
  }

  /** Keeps `value`, of about `valueBytes`, unless it alone is larger than the cache. */
  put(
    key: RequestKey,
    value: T,
    valueBytes: number,
    limits: { nowMs: number; ttlMs: number; bytesMax: number },
  ): void {
    const known = this.entries.get(key.digest);
    if (known) this.drop(key.digest, known);
    const bytes = key.bytes.byteLength + valueBytes + ENTRY_BYTES;
    if (bytes > limits.bytesMax) return;
    this.shrink(limits.bytesMax - bytes);
    this.entries.set(key.digest, {
      key: key.bytes,
      value,
      bytes,
      expiresMs: limits.nowMs + limits.ttlMs,
    });
    this.bytes += bytes;
  }

  /** Drops the least recently used until no more than `bytesMax` are kept. */
  shrink(bytesMax: number): void {
    for (const [digest, entry] of this.entries) {
      if (this.bytes <= bytesMax) return;
      this.drop(digest, entry);
    }
  }

  private drop(digest: string, entry: Entry<T>): void {
    this.entries.delete(digest);
    this.bytes -= entry.bytes;
  }
}
