import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRun, listMetricPoints, logBatch, metricHistory } from "@/server/experiments";
import { newId } from "@/server/kernel/ids";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let runId: string;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());
beforeEach(async () => {
  runId = (await createRun(a.as("admin"), {})).id;
});

/** Logs `count` points, a thousand at once. */
async function fill(
  count: number,
  value: (i: number) => number,
  step: (i: number) => number = (i) => i,
): Promise<void> {
  const at = (i: number) => ({
    key: "loss",
    value: value(i),
    step: step(i),
    timestamp: 1_700_000_000_000 + i,
  });
  for (let from = 0; from < count; from += 1000) {
    const metrics = Array.from({ length: Math.min(1000, count - from) }, (_, i) => at(from + i));
    await logBatch(a.as("admin"), { runId, metrics });
  }
}

describe("metricHistory", () => {
  it("gives short series whole, by step, NaN as null, and unknown keys empty", async () => {
    await logBatch(a.as("admin"), {
      runId,
      metrics: [
        { key: "loss", value: 2, step: 1, timestamp: 5 },
        { key: "loss", value: Number.NaN, step: 0, timestamp: 9 },
      ],
    });
    const { series } = await metricHistory(a.as("viewer"), { runId, keys: ["loss", "none"] });
    expect(series).toEqual([
      {
        key: "loss",
        totalPoints: 2,
        sampled: false,
        firstTimestamp: 5,
        points: [
          { step: 0, timestamp: 9, value: null },
          { step: 1, timestamp: 5, value: 2 },
        ],
      },
      { key: "none", totalPoints: 0, sampled: false, firstTimestamp: null, points: [] },
    ]);
  });

  it("keeps every peak of a long series within the number of points asked for", async () => {
    // One spike up and one down among 20,000 points that are all close to 1.
    await fill(20_000, (i) => ({ 7777: 1000, 12345: -1000 })[i] ?? 1 + i / 1e6);
    const { series } = await metricHistory(a.as("viewer"), {
      runId,
      keys: ["loss"],
      maxPoints: 320,
    });
    const points = series[0]?.points ?? [];
    expect(series[0]).toMatchObject({ totalPoints: 20_000, sampled: true });
    expect(points.length).toBeLessThanOrEqual(320);
    expect(points.length).toBeGreaterThan(300);
    expect(points).toContainEqual({ step: 7777, timestamp: 1_700_000_007_777, value: 1000 });
    expect(points).toContainEqual({ step: 12_345, timestamp: 1_700_000_012_345, value: -1000 });
    expect(points.map((p) => p.step)).toEqual(points.map((p) => p.step).toSorted((x, y) => x - y));
    expect(points[0]?.step).toBeLessThan(130);
    expect(points.at(-1)?.step).toBeGreaterThan(19_870);
  });

  it("samples by time where no step was logged, and shows stretches of NaN as gaps", async () => {
    await fill(
      5000,
      (i) => (i >= 1000 && i <= 3999 ? Number.NaN : i),
      () => 0,
    );
    const { series } = await metricHistory(a.as("viewer"), {
      runId,
      keys: ["loss"],
      maxPoints: 100,
    });
    const points = series[0]?.points ?? [];
    expect(points.length).toBeLessThanOrEqual(100);
    expect(points.some((p) => p.value === null)).toBe(true);
    expect(points.some((p) => p.value === 0)).toBe(true);
    expect(points.some((p) => p.value === 4999)).toBe(true);
  });

  it("gives finer points inside a window, by step and by time, and every point of a small one", async () => {
    await fill(20_000, (i) => ({ 7777: 1000, 7778: -1000 })[i] ?? 1 + i / 1e6);
    const time = 1_700_000_000_000;
    const ask = async (axis: "step" | "time", from: number, to: number) => {
      const window = { axis, from, to };
      const input = { runId, keys: ["loss"], maxPoints: 100, window };
      const { series } = await metricHistory(a.as("viewer"), input);
      return series[0];
    };
    for (const [axis, offset] of [["step", 0] as const, ["time", time] as const]) {
      const small = await ask(axis, offset + 7750, offset + 7820);
      expect(small).toMatchObject({ sampled: false, totalPoints: 20_000, firstTimestamp: time });
      expect(small?.points.map((point) => point.step)).toEqual(
        Array.from({ length: 71 }, (_, i) => 7750 + i),
      );
      for (const [from, to] of [
        [7000, 9000],
        [500, 19_500],
      ] as const) {
        const wide = await ask(axis, offset + from, offset + to);
        expect(wide?.sampled).toBe(true);
        expect(wide?.points.length).toBeLessThanOrEqual(100);
        expect(wide?.points.length).toBeGreaterThan(45);
        expect(wide?.points.map((point) => point.value)).toEqual(
          expect.arrayContaining([1000, -1000]),
        );
        // A stretch of the kept rollup may begin a little before the window.
        expect(wide?.points[0]?.step).toBeGreaterThanOrEqual(from - 16);
        expect(wide?.points.at(-1)?.step).toBeLessThanOrEqual(to + 16);
      }
      expect(await ask(axis, offset + 30_000, offset + 40_000)).toMatchObject({ points: [] });
    }
    await expect(ask("step", 2, 1)).rejects.toThrow();
  });

  it("finds nothing from another workspace and refuses too many keys", async () => {
    await expect(metricHistory(b.as("admin"), { runId, keys: ["loss"] })).rejects.toMatchObject({
      code: "not_found",
    });
    const keys = Array.from({ length: 101 }, (_, i) => `k${i}`);
    await expect(metricHistory(a.as("admin"), { runId, keys })).rejects.toThrow();
    await expect(metricHistory(a.as("admin"), { runId, keys: [] })).rejects.toThrow();
  });
});

describe("listMetricPoints", () => {
  it("pages in the order of MLflow without loss or repetition", async () => {
    await fill(
      2500,
      (i) => i % 7,
      (i) => 2500 - i,
    );
    const all: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMetricPoints(a.as("viewer"), {
        runId,
        key: "loss",
        limit: 999,
        cursor,
      });
      all.push(...page.items.map((p) => p.timestamp - 1_700_000_000_000));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(all).toEqual(Array.from({ length: 2500 }, (_, i) => i));
    const whole = await listMetricPoints(a.as("viewer"), { runId, key: "loss" });
    expect(whole.items).toHaveLength(2500);
    expect(whole.nextCursor).toBeNull();
  });

  it("finds nothing from another workspace and holds a damaged cursor against the caller", async () => {
    await expect(listMetricPoints(b.as("admin"), { runId, key: "loss" })).rejects.toMatchObject({
      code: "not_found",
    });
    for (const keys of [["x", 1, 1, 1], [1, 1, "NaN", 1], [1], [newId()]]) {
      const cursor = Buffer.from(JSON.stringify(keys)).toString("base64url");
      await expect(
        listMetricPoints(a.as("admin"), { runId, key: "loss", limit: 1, cursor }),
      ).rejects.toMatchObject({ code: "bad_request" });
    }
  });
});
