import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Settings } from "@/server/artifacts";

interface S3rverInstance {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
  httpServer: { closeAllConnections(): void };
}

export interface S3Server {
  settings: S3Settings;
  /** Where the server keeps its buckets, to look behind it. */
  folder: string;
  close(): Promise<void>;
}

/** An S3-speaking server on a real socket that checks signatures, with one bucket. */
export async function startS3Server(
  options: { checkSignatures?: boolean } = {},
): Promise<S3Server> {
  const bucket = "artifacts";
  const folder = await mkdtemp(join(tmpdir(), "test-s3-"));
  // The package ships no types.
  const name: string = "@20minutes/s3rver";
  const { default: S3rver } = (await import(name)) as {
    default: new (options: object) => S3rverInstance;
  };
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    allowMismatchedSignatures: options.checkSignatures === false,
    directory: folder,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = await server.run();
  return {
    folder,
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      bucket,
      region: "us-east-1",
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
    },
    close: async () => {
      server.httpServer.closeAllConnections();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
