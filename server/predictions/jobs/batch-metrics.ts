import type { Pool } from "pg";
import { Counter, type Registry } from "prom-client";

/** Series at most; the rows of all further ones are one. */
const SERIES_MAX = 200;
const OTHER = "other";
const HOUR_MS = 3_600_000;

interface TotalRow {
  /** Empty for jobs that named a version. */
  deployment: string;
  /** Of the deployment, or of a model without one. */
  id: string;
  name: string;
  version: string;
  answered: string;
  failed: string;
}

/**
 * Rows of batch jobs as of their checkpoints, counted since this process began, whichever worker did
 * them: every gateway tells the same, so that rates are taken by `max`, not by `sum`. While the
 * database is away the counter stands still. Models go by id where they are not `named`.
 */
export function registerBatchRows(registry: Registry, pool: Pool, { named = false } = {}): void {
  const since = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
  const read = () =>
    pool
      .query<TotalRow>({ text: "select * from batch_row_totals($1)", values: [since] })
      .then(({ rows }) => rows)
      .catch(() => undefined);
  let rows: TotalRow[] = [];
  let before = read();
  new Counter({
    name: "modelyard_batch_rows_total",
    help: "Rows that batch jobs went through, with an answer and without one.",
    labelNames: ["model", "version", "deployment", "outcome"],
    registers: [registry],
    async collect() {
      const begun = await before;
      if (!begun) before = read();
      const counted = begun && (await read());
      rows = counted ? without(counted, begun) : rows;
      this.reset();
      for (const [at, row] of rows.entries()) {
        const { id, name, version, deployment } = row;
        const other = { model: OTHER, version: OTHER, deployment: OTHER };
        const own = { model: named ? name : id, version, deployment };
        const labels = at < SERIES_MAX ? own : other;
        this.inc({ ...labels, outcome: "answered" }, Number(row.answered));
        this.inc({ ...labels, outcome: "failed" }, Number(row.failed));
      }
    },
  });
}

const keyOf = ({ id, version }: TotalRow): string => `${id}/${version}`;

/** What was counted since `begun`. */
function without(counted: readonly TotalRow[], begun: readonly TotalRow[]): TotalRow[] {
  const earlier = new Map(begun.map((row) => [keyOf(row), row]));
  return counted.map((row) => {
    const known = earlier.get(keyOf(row));
    const left = (which: "answered" | "failed") =>
      String(Math.max(0, Number(row[which]) - Number(known?.[which] ?? 0)));
    return { ...row, answered: left("answered"), failed: left("failed") };
  });
}
