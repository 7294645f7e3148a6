import { type Duck, literal } from "@/server/kernel/process/duck";
import type { ColumnType } from "../constants";
import type { LoadedTable } from "./load-csv";
import { checkNames } from "./read-dialect";
import { UnreadableFile } from "./unreadable-file";

/** A small file may claim any number of rows. */
const ROWS_MAX = 200_000_000;

/** Reads a Parquet file as the table `data`. Throws UnreadableFile. */
export async function loadParquet(duck: Duck, path: string): Promise<LoadedTable> {
  const file = literal(path);
  try {
    const [size] = await duck.rows(
      `select cast(num_rows as double) from parquet_file_metadata(${file})`,
    );
    if (Number(size?.[0]) > ROWS_MAX) {
      throw new UnreadableFile(`The file has more than ${ROWS_MAX} rows. Send a part of it.`);
    }
    const names = await columnNames(duck, file);
    checkNames(names);
    const types = await columnTypes(duck, file, names);
    const aliases = names.map((_, i) => `c${i}`);
    const picked = types.map((type, i) => `${cast(type.to, type.from, `c${i}`)} as c${i}`);
    await duck.run(
      `create table data as select ${picked.join(", ")} from read_parquet(${file}) as t(${aliases.join(", ")})`,
    );
    return {
      delimiter: null,
      columns: names.map((name, i) => ({ name, type: types[i]?.to ?? "text" })),
    };
  } catch (error) {
    if (error instanceof UnreadableFile || isOutOfMemory(error)) throw error;
    throw new UnreadableFile("The file is damaged or no Parquet file. Write it again and send it.");
  }
}

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error &&
  /out of memory|max_temp_directory_size|failed to offload/i.test(error.message);

/** Names at the top level; DuckDB would rename the second of two equal ones. */
async function columnNames(duck: Duck, file: string): Promise<string[]> {
  const rows = await duck.rows(
    `select name, cast(coalesce(num_children, 0) as double) from parquet_schema(${file})`,
  );
  const names: string[] = [];
  // The rows are the schema tree in depth-first order, after one for its root.
  for (let at = 1; at < rows.length; at = endOfNode(rows, at)) names.push(String(rows[at]?.[0]));
  return names;
}

function endOfNode(rows: readonly (readonly unknown[])[], at: number): number {
  let end = at + 1;
  for (let child = Number(rows[at]?.[1]); child > 0; child -= 1) end = endOfNode(rows, end);
  return end;
}

async function columnTypes(duck: Duck, file: string, names: string[]) {
  const rows = await duck.rows(
    `select column_type from (describe select * from read_parquet(${file}))`,
  );
  return names.map((name, i) => {
    const from = String(rows[i]?.[0]);
    const to = typeOf(from);
    if (to) return { from, to };
    throw new UnreadableFile(
      `Column "${name}" holds ${from.slice(0, 40)} values. Turn it into plain columns first.`,
    );
  });
}

function typeOf(type: string): ColumnType | undefined {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/.test(type)) return "integer";
  if (/^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/.test(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  if (/^(VARCHAR|UUID|TIME|TIME_NS|TIME WITH TIME ZONE|INTERVAL|ENUM\(.*\))$/.test(type))
    return "text";
  if (type === "DATE") return "date";
  if (/^TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?$/.test(type)) return "timestamp";
  return undefined;
}

function cast(to: ColumnType, from: string, column: string): string {
  if (to === "number") return `nullif(cast(${column} as double), 'nan'::double)`;
  if (to === "text") return from === "VARCHAR" ? column : `cast(${column} as varchar)`;
  if (to === "timestamp") return `cast(${column} as timestamp)`;
  return column;
}
