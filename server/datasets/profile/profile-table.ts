import { open } from "node:fs/promises";
import { openDuck } from "@/server/kernel/process/duck";
import type { DatasetFormat } from "../constants";
import type { DatasetProfile } from "../schemas";
import { describeColumns } from "./describe-columns";
import { loadCsv } from "./load-csv";
import { isOutOfMemory, loadParquet } from "./load-parquet";
import { readPreview } from "./read-preview";
import { UnreadableFile } from "./unreadable-file";

/** One file to look at. Paths are ours; `fileName` is what the caller calls it, a hint only. */
export interface ProfileTask {
  path: string;
  /** An empty folder of this task alone, for what does not fit in memory. */
  spillFolder: string;
  fileName: string;
  memoryMb: number;
  spillMb: number;
}

/** Reads a whole CSV or Parquet file. Throws UnreadableFile with words for the caller. */
export async function profileTable(task: ProfileTask): Promise<DatasetProfile> {
  const format = await formatOf(task.path, task.fileName);
  const duck = await openDuck({ ...task, paths: [task.path] });
  try {
    const load = format === "parquet" ? loadParquet : loadCsv;
    const { delimiter, columns } = await load(duck, task.path);
    const [counted] = await duck.rows("select cast(count(*) as double) from data");
    const rows = Number(counted?.[0]);
    if (rows === 0) {
      throw new UnreadableFile("The file has a header but no rows. Send at least one row.");
    }
    return {
      format,
      delimiter,
      rows,
      columns: await describeColumns(duck, columns, rows),
      preview: await readPreview(duck, columns),
    };
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new UnreadableFile(
      "The table needs more memory than a profile may take. Send fewer columns or rows.",
    );
  } finally {
    duck.close();
  }
}

/** By content: a Parquet file begins and ends with PAR1. A name that promises it must keep it. */
async function formatOf(path: string, fileName: string): Promise<DatasetFormat> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const magic = Buffer.alloc(4);
    const isMagic = async (at: number) =>
      (await file.read(magic, 0, 4, at)).bytesRead === 4 && magic.toString("latin1") === "PAR1";
    const begins = await isMagic(0);
    if (begins && size >= 12 && (await isMagic(size - 4))) return "parquet";
    if (begins || /\.(parquet|pq)$/i.test(fileName)) {
      throw new UnreadableFile(
        "The file is cut off or no Parquet file. Write it again and send it.",
      );
    }
    return "csv";
  } finally {
    await file.close();
  }
}
