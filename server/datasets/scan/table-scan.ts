import { type Duck, openDuck } from "@/server/kernel/process/duck";
import { loadCsv } from "../profile/load-csv";
import { isOutOfMemory, loadParquet } from "../profile/load-parquet";
import { UnreadableFile } from "../profile/unreadable-file";
import { AnswerTable } from "./answer-table";
import { doublesOf } from "./column-memory";
import type {
  ResultPlan,
  RowFailure,
  ScanAnswers,
  ScanInput,
  ScanResult,
  ScanRows,
  ScanTask,
  Stretch,
} from "./protocol";
import { featureSql, problemOf } from "./row-checks";

type Filled = ScanRows["inputs"][number];

/** A dataset as a table in this process, with the answers that came so far. */
export class TableScan {
  private constructor(
    private readonly duck: Duck,
    private readonly task: ScanTask,
    private readonly answers: AnswerTable,
    readonly rows: number,
    /** SQL of each feature's value, the inputs one after the other. */
    private readonly values: string[],
    private readonly problem: string | undefined,
  ) {}

  /** Reads the whole file. Throws UnreadableFile. */
  static async open(task: ScanTask): Promise<TableScan> {
    const { path, folder, columns } = task;
    const paths = [path, resultPath(folder)];
    const duck = await openDuck({ ...task, paths, spillFolder: folder });
    try {
      const types = columns.map(({ type }) => type);
      if (task.format === "parquet") await loadParquet(duck, path);
      else await loadCsv(duck, path, types);
      const [counted] = await duck.rows("select cast(count(*) as double) from data");
      const features = task.inputs.flatMap((input) => input.features);
      const values = features.map((feature) => {
        const column = columns[feature.column];
        if (!column) throw new Error(`the dataset has no column ${feature.column}`);
        return featureSql(feature, column);
      });
      const answers = await AnswerTable.create(duck, task.answers);
      const problem = problemOf(features, columns);
      return new TableScan(duck, task, answers, Number(counted?.[0]), values, problem);
    } catch (error) {
      duck.close();
      if (!isOutOfMemory(error)) throw error;
      throw new UnreadableFile("The table needs more memory than reading it may take.");
    }
  }

  /** The values of a stretch of rows, column by column, and why rows do not fit. */
  async read({ from, to }: Stretch): Promise<ScanRows> {
    const failures = this.problem ? await this.findFailures({ from, to }) : [];
    const rows = Math.max(0, Math.min(to, this.rows) - from) - failures.length;
    const inputs = this.task.inputs.map((input) => emptyInput(input, rows));
    const bad = failures.length > 0 ? ` and (${this.problem}) is null` : "";
    const sql = `select ${this.values.join(", ")} from data where ${within(from, to)}${bad}`;
    const result = await this.duck.connection.stream(sql);
    let row = 0;
    for (let chunk = await result.fetchChunk(); chunk; chunk = await result.fetchChunk()) {
      if (chunk.rowCount === 0) break;
      let column = 0;
      this.task.inputs.forEach(({ features }, at) => {
        const filled = inputs[at] ?? [];
        features.forEach((_, place) => {
          const start = row * features.length + place;
          if (Array.isArray(filled)) {
            const texts = chunk.getColumnValues(column);
            place2d(filled, texts as string[], start, features.length);
          } else place2d(filled, doublesOf(chunk, column), start, features.length);
          column++;
        });
      });
      row += chunk.rowCount;
    }
    if (row !== rows) throw new Error(`${row} rows where ${rows} should be`);
    return { rows, inputs, failures };
  }

  private async findFailures({ from, to }: Stretch): Promise<RowFailure[]> {
    const found = await this.duck.rows(
      `select cast(row as double), problem from (
         select rowid as row, ${this.problem} as problem from data where ${within(from, to)})
       where problem is not null order by row`,
    );
    return found.map(([row, message]) => ({ row: Number(row), message: String(message) }));
  }

  /** Takes the answers of the stretch behind the last one. */
  keep(answers: ScanAnswers): void {
    this.answers.add(answers);
  }

  /** Writes one file of all rows, in their order. */
  async write(plan: ResultPlan): Promise<ScanResult> {
    this.answers.flush();
    return this.answers.writeResult(resultPath(this.task.folder), this.task.columns, plan);
  }

  close(): void {
    this.duck.close();
  }
}

const resultPath = (folder: string): string => `${folder}/result.parquet`;

const within = (from: number, to: number): string =>
  `rowid >= ${Math.trunc(from)} and rowid < ${Math.trunc(to)}`;

function emptyInput({ datatype, features }: ScanInput, rows: number): Filled {
  const length = rows * features.length;
  if (datatype === "BYTES") return new Array<string>(length).fill("");
  return datatype === "FP32" ? new Float32Array(length) : new Float64Array(length);
}

/** Puts a column into its places of a row-major table that is `width` wide. */
function place2d<T extends string | number>(
  into: { [index: number]: T },
  values: ArrayLike<T>,
  start: number,
  width: number,
): void {
  let at = start;
  for (let i = 0; i < values.length; i++) {
    into[at] = values[i] as T;
    at += width;
  }
}
