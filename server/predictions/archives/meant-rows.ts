import { type Duck, literal } from "@/server/kernel/process/duck";
import type { ArchiveRow } from "./archive-table";
import { filesOf } from "./files-of";
import { SELECTED, toRow } from "./find-rows";
import type { AnswerTo, Meant, MeantTask, WithoutTask } from "./tasks";

/** Rows looked at together. */
const STEP = 500;

interface Step {
  firstRow: number;
  rows: { number: number; row: ArchiveRow }[];
}

/** The rows of one file in which somebody is meant, some at a time. */
async function* meantRows(
  duck: Duck,
  path: string,
  meant: Meant,
  fromRow: number,
): AsyncGenerator<Step> {
  const files = filesOf([path]);
  const [counted] = await duck.rows(`select count(*)::int from ${files}`);
  const expressions = Object.entries(meant) as [keyof Meant, RegExp][];
  for (let firstRow = fromRow; firstRow < Number(counted?.[0]); firstRow += STEP) {
    const cells = await duck.rows(
      `select file_row_number, ${SELECTED} from ${files}
       where file_row_number >= $first and file_row_number < $last order by file_row_number`,
      { first: firstRow, last: firstRow + STEP },
    );
    const rows = cells.map(([number, ...rest]) => ({ number: Number(number), row: toRow(rest) }));
    yield {
      firstRow,
      rows: rows.filter(({ row }) =>
        expressions.some(([column, expression]) => {
          expression.lastIndex = 0;
          return expression.test(row[column] ?? "");
        }),
      ),
    };
  }
}

/** Counts them, and gives as many as fit into the answer. */
export async function findMeant(duck: Duck, task: MeantTask): Promise<AnswerTo<MeantTask>> {
  const [path = ""] = task.paths;
  const records: ArchiveRow[] = [];
  let found = 0;
  let bytes = 0;
  for await (const { firstRow, rows } of meantRows(duck, path, task.meant, task.fromRow)) {
    if (bytes > task.bytesMax && task.bytesMax > 0) return { found, records, nextRow: firstRow };
    found += rows.length;
    if (task.bytesMax === 0) continue;
    for (const { row } of rows) {
      bytes += (row.inputs?.length ?? 0) + (row.outputs?.length ?? 0) + 500;
      records.push(row);
    }
  }
  return { found, records, nextRow: null };
}

/** Writes the file again without them; nothing is written where none is found or none is left. */
export async function writeWithout(duck: Duck, task: WithoutTask): Promise<AnswerTo<WithoutTask>> {
  const [path = ""] = task.paths;
  await duck.run("create temp table gone (number bigint)");
  let found = 0;
  for await (const { rows } of meantRows(duck, path, task.meant, 0)) {
    if (rows.length === 0) continue;
    found += rows.length;
    await duck.run(
      "insert into gone select unnest(string_split($numbers, ','))::bigint as number",
      { numbers: rows.map(({ number }) => number).join(",") },
    );
  }
  const rest = `from ${filesOf([path])} where file_row_number not in (select number from gone)`;
  const [kept] = await duck.rows(
    `select count(*)::int, epoch_ms(min("at")), epoch_ms(max("at")) ${rest}`,
  );
  const [left = 0, fromMs = 0, toMs = 0] = (kept ?? []).map(Number);
  if (found > 0 && left > 0) {
    await duck.run(
      `copy (select * exclude (file_row_number) ${rest} order by "at", request_id)
       to ${literal(task.outPath)} (format parquet, compression zstd)`,
    );
  }
  return { found, left, fromMs, toMs };
}
