import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** A table of doubles named x0, x1 … as a file of one of the formats datasets have. */
export async function makeTable(
  rows: number,
  features: number,
  format: "parquet" | "csv",
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "bench-batch-"));
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const path = join(folder, `table.${format}`);
    const connection = await instance.connect();
    const columns = Array.from(
      { length: features },
      (_, at) => `round(sin(i * ${at + 1} * 0.618) * 10, 6) as x${at}`,
    );
    const options = format === "csv" ? "format csv, header" : "format parquet";
    await connection.run(
      `copy (select ${columns.join(", ")} from range(${rows}) t(i)) to '${path}' (${options})`,
    );
    connection.closeSync();
    return await readFile(path);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
