import { literal } from "@/server/kernel/process/duck";

const AS_CSV = {
  ids: "{'id': 'VARCHAR'}",
  outcomes: "{'id': 'VARCHAR', 'outcome': 'VARCHAR'}",
} as const;

/** DuckDB takes many times as much memory to read them. */
export const LINE_BYTES_MAX = 2 * 1024 * 1024;

/** Archives, or lines we wrote for a task, as a table of a query. Paths are ours. */
export function filesOf(paths: readonly string[], lines?: keyof typeof AS_CSV): string {
  const list = `[${paths.map(literal).join(", ")}]`;
  if (!lines) return `read_parquet(${list}, file_row_number = true)`;
  return `read_csv(${list}, columns = ${AS_CSV[lines]}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', max_line_size = ${LINE_BYTES_MAX})`;
}
