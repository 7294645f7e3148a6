import type { Duck } from "@/server/kernel/process/duck";
import type { ColumnType } from "../constants";

type Guess = Exclude<ColumnType, "text">;

const DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?";

/** Casts and patterns are dear; a CASE spares them for texts that cannot match anyway. */
const guarded = (guard: string, condition: string): string =>
  `(case when ${guard} then ${condition} else false end)`;

/** What every value of a column must satisfy to be of a type; the first that fits is taken. */
const HOLDS = {
  // A cast alone would round 1.5 and read 1e3.
  integer: (c) =>
    guarded(`try_cast(${c} as bigint) is not null`, `translate(${c}, '+-0123456789 ', '') = ''`),
  number: (c) => guarded(`try_cast(${c} as double) is not null`, `not contains(${c}, '_')`),
  boolean: (c) => guarded(`length(${c}) < 6`, `lower(${c}) in ('true', 'false')`),
  date: (c) => guarded(looksLikeTime(c, DAY), `try_cast(${c} as date) is not null`),
  timestamp: (c) =>
    guarded(looksLikeTime(c, `${DAY}([T ]${TIME})?`), `try_cast(${c} as timestamptz) is not null`),
} satisfies Record<Guess, (column: string) => string>;

function looksLikeTime(c: string, pattern: string): string {
  return guarded(`length(${c}) > 9 and ${c}[5] = '-'`, `regexp_full_match(${c}, '${pattern}')`);
}

/** A first look at a few texts: what these refuse, no condition above accepts. */
const MAY_HOLD = {
  integer: (text) => /^[\s+\-0-9]+$/.test(text),
  number: (text) => /^[\s+\-0-9.eEinfatyINFATY]+$/.test(text),
  boolean: (text) => /^(true|false)$/i.test(text),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text),
  timestamp: (text) => /^\d{4}-\d\d-\d\d/.test(text),
} satisfies Record<Guess, (text: string) => boolean>;

const GUESSES = Object.keys(HOLDS) as Guess[];
const SAMPLE_ROWS_MAX = 1_000;
const SAMPLE_CELLS = 100_000;
/** Columns one query asks about; planning a wider one takes more than its share. */
const COLUMNS_A_QUERY = 8;

/** The types of the columns c0, c1 … of the table `raw`, true of every row. */
export async function inferTypes(duck: Duck, count: number): Promise<ColumnType[]> {
  const likely = await likelyTypes(duck, count);
  const found: ColumnType[] = [];
  for (let first = 0; first < count; first += COLUMNS_A_QUERY) {
    const part = likely.slice(first, first + COLUMNS_A_QUERY);
    const asked = part.flatMap((list, i) => list.map((guess) => ({ guess, i })));
    const [answer = []] = await ask(
      duck,
      asked.map(({ guess, i }) => [guess, `c${first + i}`]),
    );
    // The answer is null where a column has no values.
    const holds = asked.filter((_, at) => answer[at] === true);
    found.push(...part.map((_, i) => holds.find((one) => one.i === i)?.guess ?? "text"));
  }
  return found;
}

async function ask(duck: Duck, questions: [Guess, string][]) {
  if (questions.length === 0) return [];
  const sql = questions.map(
    ([guess, c]) => `bool_and(${HOLDS[guess](c)}) filter (where ${c} is not null)`,
  );
  return duck.rows(`select ${sql.join(", ")} from raw`);
}

/** The guesses that the first rows leave open, so that few are tried on every row. */
async function likelyTypes(duck: Duck, count: number): Promise<Guess[][]> {
  const limit = Math.max(10, Math.min(SAMPLE_ROWS_MAX, Math.floor(SAMPLE_CELLS / count)));
  const rows = await duck.rows(`select * from raw limit ${limit}`);
  return Array.from({ length: count }, (_, i) =>
    GUESSES.filter((guess) =>
      rows.every(({ [i]: cell = null }) => cell === null || MAY_HOLD[guess](String(cell))),
    ),
  );
}
