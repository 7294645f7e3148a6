import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRun,
  logBatch,
  searchRunTable,
  setExperimentTag,
  updateRun,
} from "@/server/experiments";
import { printFilter, printOrder } from "@/server/experiments/filter/print-filter";
import {
  AGGREGATES,
  type Comparison,
  type Field,
  LIST_OPERATORS,
  NULL_OPERATORS,
  NUMBER_OPERATORS,
  type Order,
  TEXT_OPERATORS,
} from "@/server/experiments/filter/syntax";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { filtersOf } from "./filter-arbitraries";
import { compareBy, evaluate, type Facts } from "./filter-evaluate";

const RUNS = 60;
const START = 1_700_000_000_000;
const LONG = "x".repeat(128);

// Few names and few values, so that ties, gaps and equal beginnings are common.
const keys = ["loss", "auc", "a b"];
const numbers = [-1, 0, 0.5, 0.5000001, 1, 1e9, Number.NaN];
const words = ["a", "A", "ab", "", "é", "x_y", "100%", "\\", "'", LONG, `${LONG}1`, `${LONG}2`];
const statuses = ["RUNNING", "FINISHED", "FAILED"] as const;

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const texts = fc.record({
  p: maybe(fc.constantFrom(...words)),
  "q r": maybe(fc.constantFrom(...words)),
});
const runFacts = fc.record({
  name: fc.constantFrom("one", "two", "Two", "three"),
  status: fc.constantFrom(...statuses),
  start: fc.integer({ min: START, max: START + 3 }),
  lasts: fc.integer({ min: 0, max: 2 }),
  params: texts,
  tags: texts,
  metrics: fc.record(
    Object.fromEntries(
      keys.map((key) => [
        key,
        maybe(fc.array(fc.constantFrom(...numbers), { minLength: 1, maxLength: 3 })),
      ]),
    ),
  ),
});

const metric = fc.record({
  entity: fc.constant("metric" as const),
  key: fc.constantFrom(...keys, "none"),
  aggregate: fc.constantFrom(...AGGREGATES),
});
const entry = fc.record({
  entity: fc.constantFrom("parameter" as const, "tag" as const),
  key: fc.constantFrom("p", "q r", "none"),
});
const attribute = (...names: string[]) =>
  fc.record({ entity: fc.constant("attribute" as const), key: fc.constantFrom(...names) });
const time = attribute("start_time", "end_time", "duration");
const word = attribute("status", "run_name", "user_id");
const one = fc.constantFrom(...words, "one", "RUNNING", "%a%", "_", "x_%", "TWO");
const number = fc.constantFrom(...numbers.filter((value) => !Number.isNaN(value)), START + 1, 1);

const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({
    kind: fc.constant("number" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(metric, metric, time),
    operator: fc.constantFrom(...NUMBER_OPERATORS),
    value: number,
  }),
  fc.record({
    kind: fc.constant("text" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(entry, entry, word),
    operator: fc.constantFrom(...TEXT_OPERATORS),
    value: one,
  }),
  fc.record({
    kind: fc.constant("list" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(entry, entry, word),
    operator: fc.constantFrom(...LIST_OPERATORS),
    values: fc.array(one, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("null" as const),
    field: fc.oneof<fc.Arbitrary<Field>[]>(metric, entry, time),
    operator: fc.constantFrom(...NULL_OPERATORS),
  }),
);
const field = fc.oneof<fc.Arbitrary<Field>[]>(metric, entry, time, word);
const orders: fc.Arbitrary<Order[]> = fc.uniqueArray(
  fc.record({ field, ascending: fc.boolean() }),
  {
    maxLength: 3,
    selector: (order) => printOrder({ ...order, ascending: true }),
  },
);

let world: TestWorld;
let a: TestWorkspace;
const facts: Facts[] = [];
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  const defined = (record: Record<string, string | undefined>) =>
    Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
  for (const run of fc.sample(runFacts, { numRuns: RUNS, seed: 42 })) {
    const ctx = a.as("data_scientist");
    const { id } = await createRun(ctx, { name: run.name, userName: "ann", startTime: run.start });
    const series = Object.entries(run.metrics).flatMap(([key, values]) =>
      (values ?? []).map((value, step) => ({ key, value, step, timestamp: 1 })),
    );
    await logBatch(ctx, {
      runId: id,
      metrics: series,
      params: defined(run.params),
      tags: defined(run.tags),
    });
    const endTime = run.status === "RUNNING" ? null : run.start + run.lasts;
    await updateRun(ctx, {
      runId: id,
      changes: { status: run.status, ...(endTime === null ? {} : { endTime }) },
    });
    facts.push({
      id,
      attributes: {
        run_name: run.name,
        status: run.status,
        user_id: "ann",
        start_time: run.start,
        end_time: endTime,
        duration: endTime === null ? null : run.lasts,
      },
      params: Object.fromEntries(defined(run.params).map(({ key, value }) => [key, value])),
      tags: Object.fromEntries(defined(run.tags).map(({ key, value }) => [key, value])),
      metrics: Object.fromEntries(
        Object.entries(run.metrics).flatMap(([key, values]) => (values ? [[key, values]] : [])),
      ),
    });
  }
  // Names alone would call `loss` better when lower; here the greatest is best everywhere.
  await setExperimentTag(a.as("admin"), {
    experiment: "0",
    key: "modelyard.goal.loss",
    value: "maximize",
  });
});
afterAll(() => world.close());

it("finds and sorts what the plainest reading of filter and sort finds, page by page", async () => {
  await fc.assert(
    fc.asyncProperty(
      filtersOf(comparison),
      orders,
      fc.integer({ min: 1, max: RUNS }),
      async (filter, order, limit) => {
        const expected = facts.filter((run) => evaluate(filter, run)).toSorted(compareBy(order));
        const found: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await searchRunTable(a.as("viewer"), {
            filter: printFilter(filter),
            orderBy: order.map(printOrder),
            limit,
            cursor,
          });
          found.push(...page.items.map((run) => run.id));
          cursor = page.nextCursor;
        } while (cursor && found.length <= RUNS);
        expect(found).toEqual(expected.map((run) => run.id));
      },
    ),
    { numRuns: 300 },
  );
}, 300_000);
