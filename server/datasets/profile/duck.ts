import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A row of a query; every value was cast in SQL to what JSON holds. */
export type Row = (number | string | boolean | bigint | null)[];

export interface Duck {
  run: (sql: string) => Promise<void>;
  rows: (sql: string) => Promise<Row[]>;
  close: () => void;
}

/** A text as an SQL literal. Only paths and constants of our own are ever written so. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * A database in memory that may read `path`, spill to `spillFolder` and touch nothing else; the
 * settings are locked before a byte of the file is read.
 */
export async function openDuck(options: {
  path: string;
  spillFolder: string;
  memoryMb: number;
  spillMb: number;
}): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection: DuckDBConnection = await instance.connect();
  const run = async (sql: string) => {
    await connection.run(sql);
  };
  for (const setting of [
    "threads = 2",
    `memory_limit = '${options.memoryMb}MB'`,
    `temp_directory = ${literal(options.spillFolder)}`,
    `max_temp_directory_size = '${options.spillMb}MB'`,
    "preserve_insertion_order = true",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "TimeZone = 'UTC'",
    `allowed_paths = [${literal(options.path)}]`,
    "enable_external_access = false",
    "lock_configuration = true",
  ]) {
    await run(`set ${setting}`);
  }
  return {
    run,
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJS() as Row[],
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
