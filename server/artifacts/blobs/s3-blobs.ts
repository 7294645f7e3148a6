import { Readable } from "node:stream";
import { S3mini } from "s3mini";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ByteRange } from "../byte-range";
import { Chunker } from "../crypto/chunker";
import { type BlobName, type BlobStore, blobKey } from "./blob-store";
import { s3Fetch } from "./s3-fetch";

export interface S3Settings {
  /** Absent for Amazon S3. */
  endpoint: string | undefined;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Smallest part S3 takes but for the last; smaller blobs go up in one request. */
const PART_BYTES_MIN = 8 * 1024 * 1024;
const PARTS_MAX = 10_000;
const LIST_MAX = 1000;

/** Blobs in a bucket of any S3-compatible service, addressed by path. */
export function createS3Blobs(settings: S3Settings): BlobStore {
  const endpoint = settings.endpoint ?? `https://s3.${settings.region}.amazonaws.com`;
  const s3 = new S3mini({
    endpoint: `${endpoint.replace(/\/+$/, "")}/${settings.bucket}`,
    region: settings.region,
    accessKeyId: settings.accessKeyId,
    secretAccessKey: settings.secretAccessKey,
    fetch: s3Fetch,
  });
  return {
    write: (name, content, limitBytes) => writeBlob(s3, blobKey(name), content, limitBytes),
    read: (name, range) => readBlob(s3, name, range),
    async remove(name) {
      await tell(() => s3.deleteObject(blobKey(name)));
    },
    removeWorkspace: (workspaceId, onRemoved) => removePrefix(s3, workspaceId, onRemoved),
    async check() {
      const exists = await s3.bucketExists().catch(() => undefined);
      if (exists === undefined) return `the S3 endpoint ${new URL(endpoint).host} does not answer`;
      return exists ? undefined : `the S3 bucket ${settings.bucket} cannot be reached`;
    },
  };
}

/** What a failing bucket means to the caller: nothing of S3's own words. */
async function tell<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const error = new AppError("unavailable", "The artifact store does not answer.", {
      retryAfterSeconds: 5,
    });
    error.cause = cause;
    throw error;
  }
}

async function readBlob(s3: S3mini, name: BlobName, range: ByteRange) {
  const key = blobKey(name);
  return tell(async () => {
    const reply = await s3
      .getObjectRaw(key, false, range.start, range.end + 1)
      .catch((error: { status?: number }) => {
        if (error.status === 404) throw notFound("The object");
        // The blob ends before the range: its reader tells that it is damaged.
        if (error.status === 416) return undefined;
        throw error;
      });
    if (!reply?.body) return { stream: Readable.from([]), totalBytes: 0 };
    const total = /\/(\d+)$/.exec(reply.headers.get("content-range") ?? "")?.[1];
    if (reply.status !== 206 || total === undefined) {
      await reply.body.cancel();
      throw new Error("the S3 server does not answer ranges");
    }
    const stream = Readable.fromWeb(reply.body as never, { highWaterMark: 256 * 1024 });
    return { stream, totalBytes: Number(total) };
  });
}

async function writeBlob(
  s3: S3mini,
  key: string,
  content: AsyncIterable<Buffer>,
  limitBytes: number,
): Promise<void> {
  const parts = new Chunker(Math.max(PART_BYTES_MIN, Math.ceil(limitBytes / (PARTS_MAX - 1))));
  let upload: Upload | undefined;
  try {
    for await (const data of content) {
      for (const part of parts.push(data)) {
        upload ??= await beginUpload(s3, key);
        await upload.add(part);
      }
    }
    const rest = parts.rest();
    if (!upload) await tell(() => s3.putObject(key, rest, "application/octet-stream"));
    else {
      if (rest.length > 0) await upload.add(rest);
      await upload.complete();
    }
  } catch (error) {
    await upload?.abort();
    throw error;
  }
}

interface Upload {
  add(part: Buffer): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

async function beginUpload(s3: S3mini, key: string): Promise<Upload> {
  const id = await tell(() => s3.getMultipartUploadId(key, "application/octet-stream"));
  const parts: { partNumber: number; etag: string }[] = [];
  let sizeBytes = 0;
  return {
    async add(part) {
      parts.push(await tell(() => s3.uploadPart(key, id, part, parts.length + 1)));
      sizeBytes += part.length;
    },
    complete: () =>
      tell(async () => {
        // S3 may say 200 and fail in the body; a repeated call may find the upload gone. So look.
        await s3.completeMultipartUpload(key, id, parts).catch(() => undefined);
        const stored = await s3.getContentLength(key);
        if (stored !== sizeBytes) throw new Error("the upload was not put together");
      }),
    async abort() {
      await s3.abortMultipartUpload(key, id).catch(() => undefined);
    },
  };
}

async function removePrefix(
  s3: S3mini,
  workspaceId: string,
  onRemoved: (count: number) => void,
): Promise<number> {
  if (!isUuid(workspaceId)) throw notFound("The workspace");
  let removed = 0;
  for (;;) {
    const found = await tell(() => s3.listObjects("/", `${workspaceId.toLowerCase()}/`, LIST_MAX));
    const keys = (found ?? []).map((one) => one.Key);
    if (keys.length === 0) return removed;
    const gone = await tell(() => s3.deleteObjects(keys));
    const count = gone.filter(Boolean).length;
    if (count === 0) throw new AppError("unavailable", "The artifact store deletes nothing.");
    removed += count;
    onRemoved(removed);
  }
}
