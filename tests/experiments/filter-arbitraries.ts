import fc from "fast-check";
import type { Comparison, Field, Filter, Order } from "@/server/experiments/filter/syntax";
import {
  AGGREGATES,
  LIST_OPERATORS,
  NULL_OPERATORS,
  NUMBER_OPERATORS,
  TEXT_OPERATORS,
} from "@/server/experiments/filter/syntax";

/** Names of metrics, parameters and tags, odd ones among them. */
const key = fc
  .oneof(
    fc.constantFrom(
      "a",
      "a.b",
      "val/loss",
      "a b",
      "it's",
      'q"q',
      "`",
      "x.",
      "",
      "AND",
      "min(",
      "é%_",
    ),
    fc.string({ minLength: 1, maxLength: 8 }),
  )
  .filter((name) => name !== "");
const text = fc
  .oneof(fc.constantFrom("", "'", "''", "\\", "a'b\"c`d", "%"), fc.string({ maxLength: 10 }))
  .map((value) => value.replaceAll("\0", ""));
const number = fc
  .oneof(fc.constantFrom(0, 1, -1, 0.5, 1e300), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (Object.is(value, -0) ? 0 : value));

const metric = fc.record({
  entity: fc.constant("metric" as const),
  key,
  aggregate: fc.constantFrom(...AGGREGATES),
});
const entry = fc.record({ entity: fc.constantFrom("parameter" as const, "tag" as const), key });
const attribute = (...names: string[]): fc.Arbitrary<Field> =>
  fc.record({ entity: fc.constant("attribute" as const), key: fc.constantFrom(...names) });
const texts = attribute("status", "run_name", "run_id", "user_id", "artifact_uri");
const times = attribute("start_time", "end_time", "duration");
const dataset = fc.record({
  entity: fc.constant("dataset" as const),
  key: fc.constantFrom("name", "digest", "context"),
});

const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({
    kind: fc.constant("number" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(metric, times),
    operator: fc.constantFrom(...NUMBER_OPERATORS),
    value: number,
  }),
  fc.record({
    kind: fc.constant("text" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(entry, texts, dataset),
    operator: fc.constantFrom(...TEXT_OPERATORS),
    value: text,
  }),
  fc.record({
    kind: fc.constant("list" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(entry, texts, dataset),
    operator: fc.constantFrom(...LIST_OPERATORS),
    values: fc.array(text, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant("null" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(metric, entry, times),
    operator: fc.constantFrom(...NULL_OPERATORS),
  }),
);

/** Trees of some leaves; an AND holds no AND, an OR no OR, as the parser makes them. */
export const filtersOf = (leaf: fc.Arbitrary<Comparison>): fc.Arbitrary<Filter> =>
  fc
    .letrec<{ tree: Filter }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        leaf,
        fc.record({ kind: fc.constant("not" as const), term: tie("tree") }),
        fc.record({
          kind: fc.constant("and" as const),
          terms: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
        }),
        fc.record({
          kind: fc.constant("or" as const),
          terms: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
        }),
      ),
    }))
    .tree.map(flatten);

function flatten(filter: Filter): Filter {
  if (filter.kind === "not") return { kind: "not", term: flatten(filter.term) };
  if (filter.kind !== "and" && filter.kind !== "or") return filter;
  const { kind } = filter;
  const terms = filter.terms
    .map(flatten)
    .flatMap((term) => (term.kind === kind ? term.terms : [term]));
  return { kind, terms };
}

export const filters = filtersOf(comparison);
export const orders: fc.Arbitrary<Order> = fc.record({
  field: fc.oneof<fc.Arbitrary<Field>[]>(metric, entry, texts, times),
  ascending: fc.boolean(),
});
