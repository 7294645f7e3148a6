import { describe, expect, it } from "vitest";
import { alignSeries } from "@/components/charts/prepare/align-series";
import { isolatedPoints, valueBetween } from "@/components/charts/prepare/axis";
import { layoutGraph } from "@/components/charts/prepare/layout-graph";
import { smooth } from "@/components/charts/prepare/smooth";
import {
  askedWindow,
  groupByMetric,
  roundZoom,
  runOrigins,
  secondsAfter,
  tellApart,
} from "@/components/experiments/prepare-curves";

describe("curves", () => {
  it("of runs with one name are told apart, and metrics stand as people read them", () => {
    const named = [
      { id: "1-aaaa", name: "same" },
      { id: "2-bbbb", name: "same" },
      { id: "3-cccc", name: "other" },
    ];
    expect(tellApart(named).map(({ name }) => name)).toEqual([
      "same · aaaa",
      "same · bbbb",
      "other",
    ]);
    const one = { run: 0, totalPoints: 1, sampled: false, firstTimestamp: 0, points: [] };
    const { finals } = groupByMetric(["b_10", "b_9", "a"].map((key) => ({ ...one, key })));
    expect(finals.map(({ key }) => key)).toEqual(["a", "b_9", "b_10"]);
  });

  it("leave a gap where MLflow keeps an infinity", () => {
    const points = [1, Number.MAX_VALUE].map((value) => ({ step: 0, timestamp: 0, value }));
    expect(secondsAfter(0, points).map(({ y }) => y)).toEqual([1, null]);
  });

  it("on one axis keep gaps apart from steps that only other runs have", () => {
    const aligned = alignSeries([
      { label: "a", points: [3, 1].map((x) => ({ x, y: x === 3 ? null : 10 })) },
      { label: "b", points: [{ x: 2, y: 5 }] },
    ]);
    expect(aligned.x).toEqual([1, 2, 3]);
    expect(aligned.series[0]?.values).toEqual([10, undefined, null]);
    expect(aligned.series[1]?.values).toEqual([undefined, 5, undefined]);
  });

  it("are smoothed without a pull to zero, and gaps stay", () => {
    expect(smooth([4, null, 4, undefined, 4], 0.9)).toEqual([
      expect.closeTo(4, 12),
      null,
      expect.closeTo(4, 12),
      undefined,
      expect.closeTo(4, 12),
    ]);
    expect(smooth([0, 10], 0.5)[1]).toBeCloseTo(10 / 1.5, 12);
    expect(smooth([1, 5], 0)).toEqual([1, 5]);
  });

  it("get a dot only where a line would not show", () => {
    expect(isolatedPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(isolatedPoints([1, undefined, 2])).toEqual([]);
    expect(isolatedPoints([undefined, 7, undefined])).toEqual([1]);
  });

  it("are known where they pass the border of a zoom, but not across a gap", () => {
    const xs = [0, 10, 20, 30];
    expect(valueBetween(xs, [0, undefined, 4, 5], 5)).toBe(1);
    expect(valueBetween(xs, [0, 1, 4, 5], 20)).toBe(4);
    expect(valueBetween(xs, [0, null, 4, 5], 5)).toBeUndefined();
    expect(valueBetween(xs, [0, 1, 4, 5], 31)).toBeUndefined();
    expect(valueBetween(xs, [0, 1, 4, 5], -1)).toBeUndefined();
  });

  it("are metrics with several points; the others are final values", () => {
    const point = (step: number) => ({ step, timestamp: 1000 * step, value: step });
    const one = (key: string, points: number[]) => ({
      run: 0,
      key,
      totalPoints: points.length,
      sampled: false,
      firstTimestamp: 1000 * (points[0] ?? 0),
      points: points.map(point),
    });
    const { curves, finals } = groupByMetric([one("loss", [1, 2]), one("auc", [9])]);
    expect(curves.map(({ key }) => key)).toEqual(["loss"]);
    expect(finals.map(({ key }) => key)).toEqual(["auc"]);
    const origins = runOrigins([one("loss", [5, 7]), one("auc", [6])]);
    expect(origins).toEqual(new Map([[0, 5000]]));
    expect(secondsAfter(5000, [point(5), point(7)]).map(({ x }) => x)).toEqual([0, 2]);
  });

  it("are asked for with a margin around the zoom, in steps or in time", () => {
    expect(askedWindow([100, 200], false, 0)).toEqual({ axis: "step", from: 97, to: 203 });
    expect(roundZoom([29_996.1234, 31_683.4675])).toEqual([30_000, 31_680]);
    expect(roundZoom([0.00012345, 0.00056789])).toEqual([0.000123, 0.000568]);
    const window = askedWindow([10, 20], true, 1_700_000_000_000);
    expect(window).toEqual({ axis: "time", from: 1_700_000_008_800, to: 1_700_000_021_200 });
  });
});

describe("a lineage graph", () => {
  const place = (edges: [string, string][]) => {
    const ids = [...new Set(edges.flat())];
    const placed = layoutGraph(
      ids.map((id) => ({ id })),
      edges.map(([from, to]) => ({ from, to })),
    );
    return Object.fromEntries(placed.map(({ node, column }) => [node.id, column]));
  };

  it("points to the right, each node next to what it leads to", () => {
    const columns = place([
      ["v1", "v2"],
      ["v2", "v3"],
      ["dataset", "run"],
      ["run", "v3"],
      ["v3", "endpoint"],
    ]);
    expect(columns).toEqual({ v1: 0, v2: 1, dataset: 0, run: 1, v3: 2, endpoint: 3 });
  });

  it("of a circle is drawn all the same", () => {
    expect(
      Object.keys(
        place([
          ["a", "b"],
          ["b", "a"],
        ]),
      ),
    ).toHaveLength(2);
  });
});
