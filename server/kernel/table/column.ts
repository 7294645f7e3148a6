export type CellType = "text" | "number" | "integer" | "boolean" | "time";
export type Cell = string | number | boolean | Date | null;

/** One column of an exported table. */
export interface Column<Row> {
  name: string;
  type: CellType;
  cell: (row: Row) => Cell;
}
