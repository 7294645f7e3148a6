import { type Duck, literal } from "@/server/kernel/process/duck";
import type { AnswerTo, MeantCells, MeantCellsTask, WithoutCellsTask } from "./tasks";

/** Rows looked at together. */
const STEP = 2_000;
/** The last of our own columns before those of the dataset, and the first one behind them. */
const [BEFORE, BEHIND] = ["row", "prediction"] as const;
/** Why a row got no answer, which may repeat a value of it. */
const REASON = "error";

type Cells = Record<string, string | null>;
interface Step {
  firstRow: number;
  rows: { number: number; id: number; cells: Cells }[];
}

const fileOf = (path: string) => `read_parquet([${literal(path)}], file_row_number = true)`;

/** The columns of the dataset in a result and the reasons; the others, all ours, hold nobody's data. */
async function tellingColumns(duck: Duck, path: string): Promise<string[]> {
  const described = await duck.rows(
    `select column_name from (describe select * from ${fileOf(path)})`,
  );
  const names = described.map(([name]) => String(name));
  const repeated = names.slice(names.indexOf(BEFORE) + 1, names.indexOf(BEHIND));
  return names.includes(REASON) ? [...repeated, REASON] : repeated;
}

/** The rows of a result in which somebody is meant, some at a time. */
async function* meantRows(
  duck: Duck,
  path: string,
  meant: MeantCells,
  fromRow: number,
): AsyncGenerator<Step> {
  const names = await tellingColumns(duck, path);
  if (names.length === 0) return;
  const [counted] = await duck.rows(`select count(*)::int from ${fileOf(path)}`);
  const selected = names.map((name) => `cast("${name.replaceAll('"', '""')}" as varchar)`);
  for (let firstRow = fromRow; firstRow < Number(counted?.[0]); firstRow += STEP) {
    const found = await duck.rows(
      `select file_row_number, "row", ${selected.join(", ")} from ${fileOf(path)}
       where file_row_number >= $first and file_row_number < $last order by file_row_number`,
      { first: firstRow, last: firstRow + STEP },
    );
    const rows = found.map(([number, id, ...cells]) => ({
      ...{ number: Number(number), id: Number(id) },
      cells: cellsOf(names, cells),
    }));
    yield { firstRow, rows: rows.filter(({ cells }) => isMeant(cells, meant)) };
  }
}

/** By name; most rows have no reason to tell. */
function cellsOf(names: readonly string[], cells: readonly unknown[]): Cells {
  const pairs = names.map((name, at) => [name, textOf(cells[at])] as const);
  return Object.fromEntries(pairs.filter(([name, cell]) => name !== REASON || cell !== null));
}

/** Whole numbers of any type are written the same. */
const textOf = (cell: unknown): string | null =>
  cell === null || cell === undefined ? null : String(cell).replace(/^(-?\d+)\.0$/, "$1");

function isMeant(cells: Cells, { expression, named }: MeantCells): boolean {
  expression.lastIndex = 0;
  return expression.test(named ? JSON.stringify(cells) : JSON.stringify(Object.values(cells)));
}

/** Counts them, and gives as many as fit into the answer. */
export async function findMeantCells(
  duck: Duck,
  task: MeantCellsTask,
): Promise<AnswerTo<MeantCellsTask>> {
  const [path = ""] = task.paths;
  const records: Cells[] = [];
  let found = 0;
  let bytes = 0;
  for await (const { firstRow, rows } of meantRows(duck, path, task.meant, task.fromRow)) {
    if (bytes > task.bytesMax && task.bytesMax > 0) return { found, records, nextRow: firstRow };
    found += rows.length;
    if (task.bytesMax === 0) continue;
    for (const { cells } of rows) {
      bytes += JSON.stringify(cells).length;
      records.push(cells);
    }
  }
  return { found, records, nextRow: null };
}

/** Writes the result again without them, in its order; nothing is written where none is found. */
export async function writeWithoutCells(
  duck: Duck,
  task: WithoutCellsTask,
): Promise<AnswerTo<WithoutCellsTask>> {
  const [path = ""] = task.paths;
  await duck.run("create temp table gone (number bigint)");
  const first: number[] = [];
  let found = 0;
  for await (const { rows } of meantRows(duck, path, task.meant, 0)) {
    if (rows.length === 0) continue;
    found += rows.length;
    if (first.length < task.firstMax) first.push(...rows.map(({ id }) => id));
    await duck.run(
      "insert into gone select unnest(string_split($numbers, ','))::bigint as number",
      { numbers: rows.map(({ number }) => number).join(",") },
    );
  }
  if (found > 0) {
    await duck.run(
      `copy (select * exclude (file_row_number) from ${fileOf(path)}
         where file_row_number not in (select number from gone) order by "row")
       to ${literal(task.outPath)} (format parquet, compression zstd)`,
    );
  }
  return { found, first };
}
