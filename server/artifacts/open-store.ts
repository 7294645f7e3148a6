import type { Secret } from "@/server/kernel/secret";
import type { BlobStore } from "./blobs/blob-store";
import { createFileBlobs } from "./blobs/file-blobs";
import { createS3Blobs } from "./blobs/s3-blobs";

/** The settings that choose where bytes lie. */
export interface StoreSettings {
  S3_ENDPOINT?: string | undefined;
  S3_BUCKET?: string | undefined;
  S3_REGION: string;
  S3_ACCESS_KEY_ID?: string | undefined;
  S3_SECRET_ACCESS_KEY?: Secret | undefined;
}

/** A bucket when one is set, else the folder. */
export function openBlobStore(settings: StoreSettings, folder: string): BlobStore {
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secret } = settings;
  if (!bucket || !id || !secret) return createFileBlobs(folder);
  return createS3Blobs({
    endpoint: settings.S3_ENDPOINT,
    bucket,
    region: settings.S3_REGION,
    accessKeyId: id,
    secretAccessKey: secret.reveal(),
  });
}
