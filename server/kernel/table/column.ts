export type CellType = "text" | "number" | "time";
export type Cell = string | number | Date | null;

/** One column of an exported table. */
export interface Column<Row> {
  name: string;
  type: CellType;
  cell: (row: Row) => Cell;
}
