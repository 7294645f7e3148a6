import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createSlots } from "@/server/kernel/process/slots";
import { stageFile } from "../stage-file";
import { ScanClient } from "./scan-client";

const LIMITS = { memoryMb: 512, spillMb: 16_384 };
const slots = createSlots(2, 16);

/**
 * A Parquet file of ours as CSV (RFC 4180, UTF-8), whose files go when the stream closes. Throws
 * unavailable when too many are being converted.
 */
export async function parquetToCsv(content: Readable, sizeBytes: number): Promise<Readable> {
  return slots(async () => {
    const file = await stageFile(content, "result.parquet", sizeBytes);
    const client = new ScanClient();
    try {
      const { path, spillFolder: folder } = file;
      const csv = createReadStream(await client.call("convert", { path, folder, ...LIMITS }));
      csv.once("close", () => void file.discard());
      return csv;
    } catch (error) {
      await file.discard();
      throw error;
    } finally {
      client.close();
    }
  });
}
