import { literal } from "@/server/kernel/process/duck";

const AS_CSV = {
  ids: "{'id': 'VARCHAR'}",
  outcomes: "{'id': 'VARCHAR', 'outcome': 'VARCHAR'}",
} as const;

const AS_PARQUET = "file_row_number = true, union_by_name = true";
/** Columns that archives have not had from the beginning: missing there, so not true. */
const WITHOUT_ROWS = "select null::boolean as is_pinned where false union all by name";

/** DuckDB takes many times as much memory to read them. */
export const LINE_BYTES_MAX = 2 * 1024 * 1024;

/** Archives, or lines we wrote for a task, as a table of a query. Paths are ours. */
export function filesOf(paths: readonly string[], lines?: keyof typeof AS_CSV): string {
  const list = `[${paths.map(literal).join(", ")}]`;
  if (!lines) return `(${WITHOUT_ROWS} select * from read_parquet(${list}, ${AS_PARQUET}))`;
  return `read_csv(${list}, columns = ${AS_CSV[lines]}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', max_line_size = ${LINE_BYTES_MAX})`;
}
