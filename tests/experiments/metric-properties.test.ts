import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRun, getRun, listMetricPoints, logBatch } from "@/server/experiments";
import { compareRecency, preparePoints, toStoredPoint } from "@/server/experiments/metric-points";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

// Few distinct values, so that repetitions and ties are common.
const metric = fc.record({
  key: fc.constantFrom("a", "b", "loss/val"),
  value: fc.oneof(
    fc.constantFrom(0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double(),
  ),
  timestamp: fc.constantFrom(0, 1, 2, 1_700_000_000_000),
  step: fc.constantFrom(-1, 0, 1, 2, Number.MAX_SAFE_INTEGER),
});
const batches = fc.array(fc.array(metric, { maxLength: 12 }), { minLength: 1, maxLength: 5 });
type Metric = { key: string; value: number; timestamp: number; step: number };

/** MLflow's rule, one point after another: the newer by (step, timestamp, value) stays. */
function naiveLatest(metrics: Metric[]): Map<string, number | null> {
  const latest = new Map<string, ReturnType<typeof toStoredPoint>>();
  for (const point of metrics.map(toStoredPoint)) {
    const known = latest.get(point.key);
    if (!known || compareRecency(point, known) > 0) latest.set(point.key, point);
  }
  return new Map([...latest].map(([key, point]) => [key, point.isNan ? null : point.value]));
}

const tuple = (m: Metric): string => {
  const { key, timestamp, step, value, isNan } = toStoredPoint(m);
  return JSON.stringify([key, timestamp, step, isNan ? "NaN" : value]);
};

async function stored(runId: string): Promise<string[]> {
  const all: string[] = [];
  for (const key of ["a", "b", "loss/val"]) {
    const { items } = await listMetricPoints(a.as("admin"), { runId, key });
    all.push(...items.map((m) => tuple({ ...m, value: m.value ?? Number.NaN })));
  }
  return all.toSorted();
}

/** What a row of a metric says of all its points, as a loop over the distinct ones finds it. */
function naiveSummary(metrics: Metric[], key: string) {
  const distinct = new Map(
    metrics.map((m) => [tuple(m), { ...toStoredPoint(m), step: m.step, timestamp: m.timestamp }]),
  );
  const points = [...distinct.values()].filter((point) => point.key === key);
  const numbers = points.filter((point) => !point.isNan);
  const values = numbers.map((point) => point.value);
  const stepOf = (value: number) =>
    String(Math.min(...numbers.filter((p) => p.value === value).map((p) => p.step)));
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const some = numbers.length > 0;
  const times = points.map((point) => point.timestamp);
  return {
    key,
    points: String(points.length),
    min_value: some ? min : null,
    min_step: some ? stepOf(min) : null,
    max_value: some ? max : null,
    max_step: some ? stepOf(max) : null,
    first_step: String(Math.min(...points.map((point) => point.step))),
    first_time: String(Math.min(...times)),
    last_time: String(Math.max(...times)),
  };
}

async function checkRun(runId: string, metrics: Metric[]): Promise<void> {
  const summaries = await asOwner(
    world.db.ownerUrl,
    `select key, points, min_value, min_step, max_value, max_step, first_step, first_time, last_time
     from run_latest_metrics where run_id = $1 order by key`,
    [runId],
  );
  const keys = [...new Set(metrics.map((m) => m.key))].toSorted();
  expect(summaries).toEqual(keys.map((key) => naiveSummary(metrics, key)));
  expect(await stored(runId)).toEqual([...new Set(metrics.map(tuple))].toSorted());
  const run = await getRun(a.as("admin"), { runId });
  const latest = new Map(run.metrics.map((m) => [m.key, m.value]));
  expect(latest).toEqual(naiveLatest(metrics));
}

it("keeps as newest value what MLflow's rule keeps, whatever comes in whatever batches", async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (list) => {
      const { id } = await createRun(a.as("admin"), {});
      for (const metrics of list) await logBatch(a.as("admin"), { runId: id, metrics });
      await checkRun(id, list.flat());
    }),
    { numRuns: 40 },
  );
}, 120_000);

it("leaves each point once when batches are sent again, at the same time, in any order", async () => {
  const retried = batches.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray([...list.keys(), ...list.keys(), ...list.keys()], {
        minLength: list.length * 3,
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(retried, async ([list, order]) => {
      const { id } = await createRun(a.as("admin"), {});
      await Promise.all(
        order.map((at) => logBatch(a.as("admin"), { runId: id, metrics: list[at] ?? [] })),
      );
      await checkRun(id, list.flat());
    }),
    { numRuns: 25 },
  );
}, 120_000);

it("prepares a batch the same from any order of its points", () => {
  fc.assert(
    fc.property(fc.array(metric, { maxLength: 30 }), fc.nat(), (metrics, seed) => {
      const shuffled = metrics
        .map((m, i) => ({ m, rank: Math.imul(i + 1, seed | 1) }))
        .toSorted((x, y) => x.rank - y.rank)
        .map(({ m }) => m);
      expect(preparePoints(shuffled.map(toStoredPoint))).toEqual(
        preparePoints(metrics.map(toStoredPoint)),
      );
    }),
  );
});
