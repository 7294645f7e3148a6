import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** The rows of a query as a Parquet file. */
export async function writeParquet(query: string, options = "format parquet"): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "test-parquet-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const path = join(folder, "file.parquet");
    await connection.run(`copy (${query}) to '${path}' (${options})`);
    return await readFile(path);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
