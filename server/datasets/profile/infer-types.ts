import type { ColumnType } from "../constants";
import type { Duck } from "./duck";

type Guess = Exclude<ColumnType, "text">;

const DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?";

/** Casts and patterns are dear; a CASE spares them for texts that cannot match anyway. */
const guarded = (guard: string, condition: string): string =>
  `(case when ${guard} then ${condition} else false end)`;

const without = (c: string, letters: string): string =>
  [...letters].map((letter) => `not contains(${c}, '${letter}')`).join(" and ");

/** What every value of a column must satisfy to be of a type; the first that fits is taken. */
const HOLDS = {
  // A cast alone would round 1.5 and read 1e3.
  integer: (c) => guarded(`try_cast(${c} as bigint) is not null`, without(c, "._eExXbB")),
  number: (c) => guarded(`try_cast(${c} as double) is not null`, without(c, "_")),
  boolean: (c) => guarded(`length(${c}) < 6`, `lower(${c}) in ('true', 'false')`),
  date: (c) => guarded(looksLikeTime(c, DAY), `try_cast(${c} as date) is not null`),
  timestamp: (c) =>
    guarded(looksLikeTime(c, `${DAY}([T ]${TIME})?`), `try_cast(${c} as timestamptz) is not null`),
} satisfies Record<Guess, (column: string) => string>;

function looksLikeTime(c: string, pattern: string): string {
  return guarded(`length(${c}) > 9 and ${c}[5] = '-'`, `regexp_full_match(${c}, '${pattern}')`);
}

const GUESSES = Object.keys(HOLDS) as Guess[];
const SAMPLE_ROWS = 1_000;
/** Columns one query asks about; wider queries plan slowly. */
const COLUMNS_A_QUERY = 40;

/** The types of the columns c0, c1 … of the table `raw`, true of every row. */
export async function inferTypes(duck: Duck, count: number): Promise<ColumnType[]> {
  const all = Array.from({ length: count }, () => GUESSES);
  // A first look leaves few guesses to be tried on every row.
  await duck.run(`create table sample as select * from raw limit ${SAMPLE_ROWS}`);
  const likely = await surviving(duck, "sample", all, (answer) => answer !== false);
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
