import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { CellType, Column } from "./column";

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];

const ELEMENTS = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  number: { type: "DOUBLE" },
  integer: { type: "INT32" },
  boolean: { type: "BOOLEAN" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
} as const satisfies Record<CellType, object>;

/** The table as Parquet, a row group for each page of rows; only one page is held in memory. */
export async function* writeParquet<Row>(
  columns: Column<Row>[],
  pages: AsyncIterable<Row[]>,
  codec: "SNAPPY" | "ZSTD" = "SNAPPY",
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const schema: Schema = [
    { name: "root", num_children: columns.length },
    ...columns.map(({ name, type }) => ({
      name,
      repetition_type: "OPTIONAL" as const,
      ...ELEMENTS[type],
    })),
  ];
  const compressors = { ZSTD: zstdCompressSync };
  const file = new ParquetWriter({
    ...{ writer: bytes, schema, codec, compressors, createdBy: "modelyard" },
  });
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    await file.write({
      columnData: columns.map(({ name, cell }) => ({ name, data: rows.map(cell) })),
      rowGroupSize: rows.length,
    });
    yield taken(bytes);
  }
  file.finish();
  yield taken(bytes);
}

/** What was written since the last time; offsets in the file go on. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}
