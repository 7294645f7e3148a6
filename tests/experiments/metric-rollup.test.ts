import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRun, logBatch, metricHistory } from "@/server/experiments";
import { keepRollup } from "@/server/experiments/keep-rollup";
import {
  decodeRollup,
  emptyRollup,
  encodeRollup,
  joinStretches,
  type Rollup,
  STRETCHES_MAX,
  type Stretch,
  sampleRollup,
  spanOver,
  widen,
} from "@/server/experiments/metric-rollup";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

interface Point {
  step: number;
  timestamp: number;
  value: number;
}

/** What SQL makes of points, as a loop. */
function stretchesOf({ span }: Rollup, points: Point[]): Stretch[] {
  return points.map(({ step, timestamp, value }) => {
    const position = BigInt(span.axis === "step" ? step : timestamp);
    const at = Number((position >> BigInt(span.level)) - span.origin);
    const isNan = Number.isNaN(value);
    const triple: Stretch["low"] = [isNan ? 0 : value, step, timestamp];
    return {
      at,
      low: isNan ? null : triple,
      high: isNan ? null : triple,
      gap: isNan ? triple : null,
    };
  });
}

/** The lowest and highest value of each of the same stretches, straight from the points. */
function bruteForce(points: Point[], most: number): string[] {
  const steps = points.map((point) => point.step);
  const span = spanOver("step", BigInt(Math.min(...steps)), BigInt(Math.max(...steps)));
  const width = Math.ceil(span.stretches / most);
  const groups = Map.groupBy(points, ({ step }) =>
    Math.floor(Number((BigInt(step) >> BigInt(span.level)) - span.origin) / width),
  );
  return [...groups]
    .flatMap(([at, group]) => {
      const values = group.map((point) => point.value).filter((value) => !Number.isNaN(value));
      if (values.length === 0) return [`${at} gap`];
      return [`${at} low ${Math.min(...values)}`, `${at} high ${Math.max(...values)}`];
    })
    .toSorted();
}

/** The same statements read off a sampled series. */
function statements(points: Point[], all: Point[], most: number): string[] {
  const steps = all.map((point) => point.step);
  const span = spanOver("step", BigInt(Math.min(...steps)), BigInt(Math.max(...steps)));
  expect(points.length).toBeLessThanOrEqual(2 * most);
  // A sampled point is a stored one.
  const stored = new Set(all.map((p) => `${p.step} ${p.timestamp} ${p.value}`));
  for (const p of points) expect(stored).toContain(`${p.step} ${p.timestamp} ${p.value}`);
  const width = Math.ceil(span.stretches / most);
  const groups = Map.groupBy(points, ({ step }) =>
    Math.floor(Number((BigInt(step) >> BigInt(span.level)) - span.origin) / width),
  );
  return [...groups]
    .flatMap(([at, group]) => {
      if (group.every((point) => Number.isNaN(point.value))) return [`${at} gap`];
      const values = group.map((point) => point.value);
      return [`${at} low ${Math.min(...values)}`, `${at} high ${Math.max(...values)}`];
    })
    .toSorted();
}

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constant(Number.NaN),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
);
const point = fc.record({
  step: fc.oneof(
    fc.integer({ min: -100_000, max: 100_000 }),
    fc.integer({ min: 0, max: 2 ** 50 }),
    fc.integer({ min: 0, max: 9 }),
  ),
  timestamp: fc.integer({ min: 0, max: 1000 }),
  value,
});

it("holds the lowest and the highest of every stretch, joined in any parts, order and number of times", () => {
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 2, maxLength: 200 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      fc.integer({ min: 5, max: STRETCHES_MAX }),
      (points, cuts, most) => {
        let rollup: Rollup | undefined;
        let seen: Point[] = [];
        // Each part once, and some points of the parts before again.
        const borders = [...cuts, points.length].toSorted((x, y) => x - y);
        for (const border of borders) {
          const part = points.slice(Math.max(0, seen.length - 3), border);
          seen = points.slice(0, Math.max(seen.length, Math.min(border, points.length)));
          if (seen.length === 0) continue;
          const steps = seen.map((one) => one.step);
          const first = BigInt(Math.min(...steps));
          const last = BigInt(Math.max(...steps));
          const span = spanOver("step", first, last, rollup?.span.level);
          rollup = rollup ? widen(rollup, span) : emptyRollup(span);
          joinStretches(rollup, stretchesOf(rollup, part));
          rollup = decodeRollup(encodeRollup(rollup));
        }
        if (!rollup) return;
        const sampled = sampleRollup(rollup, most).map((one) => ({
          ...one,
          value: one.value ?? Number.NaN,
        }));
        expect(statements(sampled, seen, most)).toEqual(bruteForce(seen, most));
      },
    ),
    { numRuns: 300 },
  );
});

it("samples what is stored as brute force does, through rollups, late points and retries", async () => {
  const most = 50;
  const batch = fc.record({
    from: fc.integer({ min: -3000, max: 60_000 }),
    stride: fc.integer({ min: 1, max: 40 }),
    seed: fc.integer(),
    roll: fc.boolean(),
    again: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 6, maxLength: 12 }), async (list) => {
      const { id: runId } = await createRun(a.as("admin"), {});
      const place = { db: world.db, workspaceId: a.id, runId };
      const points = new Map<string, Point>();
      const rolls: Promise<boolean>[] = [];
      for (const { from, stride, seed, roll, again } of list) {
        const metrics = Array.from({ length: 1000 }, (_, i) => ({
          key: "m",
          step: from + i * stride,
          // Time does not follow the steps, so points come late by either.
          timestamp: 1_700_000_000_000 + Math.abs((i * 7919 + seed) % 100_000),
          value: i % 97 === 0 ? Number.NaN : Math.sin(i * seed) * (i % 333 === 0 ? 1000 : 1),
        }));
        await logBatch(a.as("admin"), { runId, metrics });
        if (again) await logBatch(a.as("admin"), { runId, metrics });
        for (const m of metrics) points.set(`${m.step} ${m.timestamp} ${m.value}`, m);
        // Sometimes while the next batch comes in.
        if (roll) rolls.push(keepRollup(place, "m"));
        if (roll && again) await rolls.at(-1);
      }
      await Promise.all(rolls);
      const { series } = await metricHistory(a.as("viewer"), {
        runId,
        keys: ["m"],
        maxPoints: 2 * most,
      });
      const all = [...points.values()];
      const sampled = (series[0]?.points ?? []).map((one) => ({
        ...one,
        value: one.value ?? Number.NaN,
      }));
      expect(series[0]).toMatchObject({ totalPoints: all.length, sampled: true });
      expect(statements(sampled, all, most)).toEqual(bruteForce(all, most));
    }),
    { numRuns: 12 },
  );
}, 120_000);

it("keeps a rollup of a long series behind it, which knows what is not yet in it", async () => {
  const { id: runId } = await createRun(a.as("admin"), {});
  const place = { db: world.db, workspaceId: a.id, runId };
  const log = (from: number, timestamp = 1000) =>
    logBatch(a.as("admin"), {
      runId,
      metrics: Array.from({ length: 1000 }, (_, i) => ({
        key: "m",
        step: from + i,
        timestamp: timestamp + from + i,
        value: i,
      })),
    });
  const until = async () =>
    (
      await asOwner<{ until: string | null }>(
        world.db.ownerUrl,
        "select rolled_until as until from run_latest_metrics where run_id = $1",
        [runId],
      )
    )[0]?.until;
  await log(0);
  expect(await keepRollup(place, "m")).toBe(false);
  // The fifth batch starts a rollup behind the writer; the rest stays below what starts another.
  for (let batch = 1; batch < 7; batch++) await log(batch * 1000);
  await expect.poll(until, { timeout: 60_000 }).not.toBeNull();
  await keepRollup(place, "m");
  expect(await until()).toBe("7999");
  // A newer point leaves the rollup as it is, one that is late moves it back.
  await log(8000);
  expect(await until()).toBe("7999");
  await log(9000, -8500);
  expect(await until()).toBe("499");
  const hide = await asOwner(
    world.db.ownerUrl,
    "delete from runs where id = $1 returning (select count(*)::int from run_metric_rollups where run_id = $1) as rollups",
    [runId],
  );
  expect(hide).toEqual([{ rollups: 1 }]);
  const left = await asOwner(
    world.db.ownerUrl,
    `select (select count(*)::int from run_metrics where run_id = $1) as points,
       (select count(*)::int from run_metric_rollups where run_id = $1) as rollups`,
    [runId],
  );
  expect(left).toEqual([{ points: 0, rollups: 0 }]);
});
