import type { DuckDBDataChunk } from "@duckdb/node-api";

/**
 * The values of a DOUBLE or BIGINT column of a chunk as they lie in memory, so that a column is
 * copied as one piece. DuckDB's vectors of fixed-size types keep them in `items`; missing ones hold
 * anything, so queries leave none.
 */
export function doublesOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  const vector = chunk.getColumnVector(column) as unknown as { items?: unknown };
  if (vector.items instanceof Float64Array) return vector.items;
  throw new Error("a column of doubles does not lie in memory as such");
}
