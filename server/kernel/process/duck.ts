import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A row of a query; every value was cast in SQL to what JSON holds. */
export type Row = (number | string | boolean | bigint | null)[];

/** Parameters of a query by name, without their `$`. */
type Values = Record<string, string | number | boolean>;

export interface Duck {
  /** For what whole columns are needed of. */
  connection: DuckDBConnection;
  run: (sql: string, values?: Values) => Promise<void>;
  /** Values go as parameters, never as text of the query. */
  rows: (sql: string, values?: Values) => Promise<Row[]>;
  close: () => void;
}

/** A text as an SQL literal. Only paths and constants of our own are ever written so. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * A database in memory that may reach the files of `paths`, spill to `spillFolder` and touch nothing
 * else; the settings are locked before a byte of a file is read.
 */
export async function openDuck(options: {
  paths: readonly string[];
  spillFolder: string;
  memoryMb: number;
  spillMb: number;
}): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection: DuckDBConnection = await instance.connect();
  for (const setting of [
    "threads = 2",
    `memory_limit = '${options.memoryMb}MB'`,
    `temp_directory = ${literal(options.spillFolder)}`,
    `max_temp_directory_size = '${options.spillMb}MB'`,
    "preserve_insertion_order = true",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "TimeZone = 'UTC'",
    `allowed_paths = [${options.paths.map(literal).join(", ")}]`,
    "enable_external_access = false",
    "lock_configuration = true",
  ]) {
    await connection.run(`set ${setting}`);
  }
  return {
    connection,
    run: async (sql, values) => {
      await connection.run(sql, values);
    },
    rows: async (sql, values) => (await connection.runAndReadAll(sql, values)).getRowsJS() as Row[],
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
