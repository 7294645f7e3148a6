import { type Duck, openDuck, type Row } from "@/server/kernel/process/duck";
import type { ColumnType } from "../constants";
import type { Cell } from "../schemas";
import { loadCsv } from "./load-csv";
import { isOutOfMemory, loadParquet } from "./load-parquet";
import type { ProfileTask } from "./profile-table";
import { UnreadableFile } from "./unreadable-file";

/** The first rows of a dataset whose format was found when it was uploaded. */
export interface TableTask extends ProfileTask {
  format: "csv" | "parquet";
  rowsMax: number;
}

export interface DatasetTable {
  columns: { name: string; type: ColumnType }[];
  /** Cells in the order of the columns. */
  rows: Cell[][];
}

/** Cells one table holds in memory; a wide one gives fewer rows. */
const CELLS_MAX = 1_000_000;

/** Reads the first rows with the types the profile found. Throws UnreadableFile. */
export async function readTable(task: TableTask): Promise<DatasetTable> {
  const duck = await openDuck({ ...task, paths: [task.path] });
  try {
    const load = task.format === "parquet" ? loadParquet : loadCsv;
    const { columns } = await load(duck, task.path);
    const rowsMax = Math.min(task.rowsMax, Math.floor(CELLS_MAX / columns.length));
    return { columns, rows: await firstRows(duck, columns, rowsMax) };
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new UnreadableFile("The table needs more memory than reading it may take.");
  } finally {
    duck.close();
  }
}

async function firstRows(
  duck: Duck,
  columns: DatasetTable["columns"],
  rowsMax: number,
): Promise<Cell[][]> {
  const picked = columns.map(({ type }, i) =>
    type === "date" || type === "timestamp" ? `cast(c${i} as varchar)` : `c${i}`,
  );
  const rows = await duck.rows(`select ${picked.join(", ")} from data limit ${Number(rowsMax)}`);
  return rows.map((row) => row.map(toCell));
}

function toCell(value: Row[number]): Cell {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}
