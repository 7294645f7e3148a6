import type { ColumnType } from "../constants";
import type { Duck } from "./duck";

type Guess = Exclude<ColumnType, "text">;

/** What every value of a column must satisfy to be of a type; the first that fits is taken. */
const HOLDS = {
  integer: (c) =>
    `(regexp_full_match(${c}, '\\s*[+-]?[0-9]+\\s*') and try_cast(trim(${c}) as bigint) is not null)`,
  number: (c) => `(try_cast(trim(${c}) as double) is not null and not contains(${c}, '_'))`,
  boolean: (c) => `(lower(${c}) in ('true', 'false'))`,
  date: (c) =>
    `(regexp_full_match(${c}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') and try_cast(${c} as date) is not null)`,
  timestamp: (c) =>
    `(regexp_full_match(${c}, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?') and try_cast(${c} as timestamptz) is not null)`,
} satisfies Record<Guess, (column: string) => string>;

const GUESSES = Object.keys(HOLDS) as Guess[];
const SAMPLE_ROWS = 5_000;
/** Columns one query asks about; wider queries plan slowly. */
const COLUMNS_A_QUERY = 40;

/** The types of the columns c0, c1 … of the table `raw`, true of every row. */
export async function inferTypes(duck: Duck, count: number): Promise<ColumnType[]> {
  const all = Array.from({ length: count }, () => GUESSES);
  // A first look leaves few guesses to be tried on every row.
  const sample = `(select * from raw limit ${SAMPLE_ROWS})`;
  const likely = await surviving(duck, sample, all, (answer) => answer !== false);
  const certain = await surviving(duck, "raw", likely, (answer) => answer === true);
  return certain.map((guesses) => guesses[0] ?? "text");
}

/** For each column the guesses that hold; the answer is null where it has no values. */
async function surviving(
  duck: Duck,
  from: string,
  guesses: Guess[][],
  holds: (answer: unknown) => boolean,
): Promise<Guess[][]> {
  const found: Guess[][] = [];
  for (let first = 0; first < guesses.length; first += COLUMNS_A_QUERY) {
    const part = guesses.slice(first, first + COLUMNS_A_QUERY);
    const asked = part.flatMap((list, i) => list.map((guess) => ({ guess, column: first + i })));
    const answers =
      asked.length === 0
        ? []
        : await duck.rows(
            `select ${asked.map(({ guess, column }) => everyValue(guess, `c${column}`)).join(", ")} from ${from}`,
          );
    part.forEach((_, i) => {
      const held = asked.flatMap(({ guess, column }, at) =>
        column === first + i && holds(answers[0]?.[at]) ? [guess] : [],
      );
      found.push(held);
    });
  }
  return found;
}

const everyValue = (guess: Guess, column: string): string =>
  `bool_and(${HOLDS[guess](column)}) filter (where ${column} is not null)`;
