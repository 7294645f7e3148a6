import type { CellType, Column } from "@/server/kernel/table/column";

/** Columns of `prediction_logs` as an archive keeps them, in their order; JSON is text as PostgreSQL writes it. */
export const ARCHIVE_COLUMNS = {
  at: "time",
  request_id: "text",
  deployment_id: "text",
  variant_id: "text",
  version_id: "text",
  status: "integer",
  rows: "integer",
  lane: "text",
  unit: "text",
  inputs: "text",
  outputs: "text",
  confidence: "number",
  error: "text",
  latency_us: "integer",
  node_us: "integer",
  queue_us: "integer",
  compute_us: "integer",
  batch_rows: "integer",
  is_cached: "boolean",
  is_pinned: "boolean",
  trace_id: "text",
} as const satisfies Record<string, CellType>;

type ColumnName = keyof typeof ARCHIVE_COLUMNS;
interface CellOf {
  time: Date;
  text: string;
  integer: number;
  number: number;
  boolean: boolean;
}
/** Never null; the others may be. */
type Known = "at" | "request_id" | "deployment_id" | "status" | "rows" | "lane" | "latency_us";

/** One logged request as it lies in an archive. */
export type ArchiveRow = {
  [Name in ColumnName]:
    | CellOf[(typeof ARCHIVE_COLUMNS)[Name]]
    | (Name extends Known ? never : null);
};

/** What a file is written with. */
export const FILE_COLUMNS: Column<ArchiveRow>[] = Object.entries(ARCHIVE_COLUMNS).map(
  ([name, type]) => ({ name, type, cell: (row) => row[name as ColumnName] }),
);
