import { BIGINT, DOUBLE, type DuckDBAppender, DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import { type Duck, literal } from "@/server/kernel/process/duck";
import { toCell } from "../profile/read-preview";
import type { AnswerShape, ResultPlan, ScanAnswers, ScanColumn, ScanResult } from "./protocol";
import { resultColumns } from "./result-columns";

/** Rows DuckDB takes at a time. */
const CHUNK_ROWS = 2_048;
const PREVIEW_ROWS = 50;

/**
 * The answers so far, a row for each row of the table `data` in the same order, so that both are put
 * side by side without a search. Rows that were left out hold the reason instead.
 */
export class AnswerTable {
  private nextRow = 0;

  private constructor(
    private readonly duck: Duck,
    private readonly shape: AnswerShape,
    private readonly appender: DuckDBAppender,
  ) {}

  static async create(duck: Duck, shape: AnswerShape): Promise<AnswerTable> {
    const classes = probabilityCount(shape);
    const probabilities = Array.from({ length: classes }, (_, at) => `, p${at} double`).join("");
    await duck.run(
      `create table answers (row bigint, error varchar, value double${probabilities})`,
    );
    return new AnswerTable(duck, shape, await duck.connection.createAppender("answers"));
  }

  /** Throws when the answers are not those of the rows behind the last ones. */
  add({ from, to, leftOut, values, probabilities }: ScanAnswers): void {
    if (from !== this.nextRow) throw new Error(`answers from row ${from}, not ${this.nextRow}`);
    const classes = probabilityCount(this.shape);
    if (values.length !== to - from - leftOut.length) throw new Error("answers are missing");
    const types = [BIGINT, VARCHAR, DOUBLE, ...Array.from({ length: classes }, () => DOUBLE)];
    const reasons = new Map(leftOut.map(({ row, message }) => [row, message]));
    let answer = 0;
    for (let start = from; start < to; start += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, to - start);
      const columns = types.map(() => new Array<bigint | string | number | null>(rows).fill(null));
      for (let i = 0; i < rows; i++) {
        const row = start + i;
        const reason = reasons.get(row);
        put(columns[0], i, BigInt(row));
        if (reason !== undefined) {
          put(columns[1], i, reason);
          continue;
        }
        put(columns[2], i, values[answer] ?? null);
        for (let k = 0; k < classes; k++) {
          put(columns[3 + k], i, probabilities?.[answer * classes + k] ?? null);
        }
        answer++;
      }
      const chunk = DuckDBDataChunk.create(types, rows);
      chunk.setColumns(columns);
      this.appender.appendDataChunk(chunk);
    }
    this.nextRow = to;
  }

  flush(): void {
    this.appender.flushSync();
  }

  /** One Parquet file of all rows. Columns of the dataset come between number and answer. */
  async writeResult(
    path: string,
    dataset: readonly ScanColumn[],
    plan: ResultPlan,
  ): Promise<ScanResult> {
    const columns = resultColumns(dataset, this.shape, plan);
    const picked = columns.map(({ sql, name }) => `${sql} as ${quoted(name)}`).join(", ");
    const from = "from data d positional join answers a";
    await this.duck.run(
      `copy (select ${picked} ${from}) to ${literal(path)} (format parquet, compression zstd)`,
    );
    const shown = columns.map(({ sql, isTime }) => (isTime ? `cast(${sql} as varchar)` : sql));
    const rows = await this.duck.rows(`select ${shown.join(", ")} ${from} limit ${PREVIEW_ROWS}`);
    return {
      path,
      columns: columns.map(({ name }) => name),
      preview: rows.map((row) => row.map(toCell)),
    };
  }
}

function put<T>(column: T[] | undefined, at: number, value: T): void {
  if (column) column[at] = value;
}

const probabilityCount = ({ classes, hasProbabilities }: AnswerShape): number =>
  hasProbabilities ? (classes?.length ?? 0) : 0;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
