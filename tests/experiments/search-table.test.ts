import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  compareRuns,
  createExperiment,
  createRun,
  groupRuns,
  listColumns,
  logBatch,
  searchRunTable,
  setExperimentTag,
} from "@/server/experiments";
import { newId } from "@/server/kernel/ids";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { makeChurnRuns } from "./support/churn-runs";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let ids: string[];
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
  ids = await makeChurnRuns(a.as("data_scientist"));
});
afterAll(() => world.close());

const names = async (input: Parameters<typeof searchRunTable>[1]) =>
  (await searchRunTable(a.as("viewer"), input)).items.map((run) => run.name);

describe("searchRunTable", () => {
  it("shows the newest first, active ones only, with no columns but those asked for", async () => {
    const page = await searchRunTable(a.as("viewer"), {
      experimentIds: ["churn"],
      columns: {
        metrics: [{ key: "auc", aggregate: "max" }, { key: "auc" }, { key: "none" }],
        params: ["depth"],
        tags: ["team name"],
      },
      withTotal: true,
    });
    expect(page.items.map((run) => run.name)).toEqual(["r4", "r3", "r2", "r1", "r0"]);
    expect(page.total).toEqual({ count: 5, isExact: true });
    expect(page.items[4]).toMatchObject({
      metrics: [
        { key: "auc", aggregate: "max", value: 0.9, step: 1 },
        { key: "auc", aggregate: "last", value: 0.7, step: 2 },
      ],
      params: [{ key: "depth", value: "0" }],
      tags: [{ key: "team name", value: "risk" }],
      status: "FINISHED",
    });
    expect(page.items[1]?.metrics).toEqual([
      { key: "auc", aggregate: "max", value: null, step: null },
      { key: "auc", aggregate: "last", value: null, step: 0 },
    ]);
    expect(page.items[0]).toMatchObject({ metrics: [], params: [] });
  });

  it("sorts by last, least, greatest and best value, NaN after values and nothing last, both ways", async () => {
    expect(await names({ orderBy: ["metrics.auc"] })).toEqual(["r2", "r1", "r0", "r3", "r4"]);
    expect(await names({ orderBy: ["metrics.auc DESC"] })).toEqual(["r0", "r1", "r2", "r3", "r4"]);
    expect(await names({ orderBy: ["max(metrics.auc) DESC"] })).toEqual([
      "r0",
      "r2",
      "r1",
      "r3",
      "r4",
    ]);
    expect(await names({ orderBy: ["min(metrics.auc)"] })).toEqual(["r2", "r1", "r0", "r3", "r4"]);
    expect(await names({ orderBy: ["best(metrics.auc) DESC"] })).toEqual([
      "r0",
      "r2",
      "r1",
      "r3",
      "r4",
    ]);
    expect(await names({ orderBy: ["params.depth", "metrics.auc DESC"] })).toEqual([
      "r0",
      "r2",
      "r1",
      "r3",
      "r4",
    ]);
  });

  it("takes an experiment's word for which way a metric gets better", async () => {
    await createExperiment(a.as("admin"), { name: "golf" });
    await setExperimentTag(a.as("admin"), {
      experiment: "golf",
      key: "modelyard.goal.score",
      value: "minimize",
    });
    const { id } = await createRun(a.as("admin"), { experimentName: "golf" });
    const metrics = [72, 68, 70].map((value, step) => ({
      key: "score",
      value,
      step,
      timestamp: 1,
    }));
    await logBatch(a.as("admin"), { runId: id, metrics });
    const { items } = await searchRunTable(a.as("viewer"), {
      experimentIds: ["golf"],
      filter: "best(metrics.score) < 69",
      columns: { metrics: [{ key: "score", aggregate: "best" }] },
    });
    expect(items[0]?.metrics).toEqual([{ key: "score", aggregate: "best", value: 68, step: 1 }]);
  });

  it("filters by OR, NOT and brackets", async () => {
    const filter = "(metrics.auc > 0.5 OR params.depth = '1') AND NOT tags.`team name` = 'growth'";
    expect(await names({ filter })).toEqual(["r1", "r0"]);
    expect(await names({ filter: "NOT params.depth = '0'", experimentIds: ["churn"] })).toEqual([
      "r4",
      "r3",
      "r1",
    ]);
    expect(await names({ filter: "end_time > 0" })).toEqual(["r0"]);
    expect(await names({ filter: "NOT end_time > 0", experimentIds: ["churn"] })).toEqual([
      "r4",
      "r3",
      "r2",
      "r1",
    ]);
    expect(await names({ filter: "metrics.auc != 5" })).toEqual(["r3", "r2", "r1", "r0"]);
    expect(await names({ filter: `run_id IN ('${ids[1]?.replaceAll("-", "")}', 'ABC')` })).toEqual([
      "r1",
    ]);
  });

  it("pages through every sort without a gap or a repetition", async () => {
    for (const orderBy of [
      [],
      ["metrics.auc DESC"],
      ["params.depth"],
      ["end_time"],
      ["tags.`team name`", "min(metrics.auc)"],
      ["run_name DESC"],
    ]) {
      const whole = await names({ orderBy, experimentIds: ["churn"] });
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await searchRunTable(a.as("viewer"), {
          orderBy,
          experimentIds: ["churn"],
          limit: 2,
          cursor,
        });
        paged.push(...page.items.map((run) => run.name));
        cursor = page.nextCursor;
      } while (cursor);
      expect(paged).toEqual(whole);
      expect(paged).toHaveLength(5);
    }
  });

  it("refuses what cannot be read with its place, and cursors of another sort", async () => {
    await expect(searchRunTable(a.as("viewer"), { filter: "metrics.auc >" })).rejects.toMatchObject(
      {
        code: "validation_failed",
        details: { position: 13, issues: [{ path: "filter" }] },
      },
    );
    await expect(searchRunTable(a.as("viewer"), { orderBy: ["wrong"] })).rejects.toMatchObject({
      code: "validation_failed",
    });
    const { nextCursor } = await searchRunTable(a.as("viewer"), { limit: 1 });
    for (const cursor of [
      nextCursor,
      "x",
      "W10",
      Buffer.from('[9,"a","b"]').toString("base64url"),
    ]) {
      await expect(
        searchRunTable(a.as("viewer"), { cursor, orderBy: ["run_name"] }),
      ).rejects.toMatchObject({ code: "bad_request" });
    }
  });

  it("sees nothing of another workspace", async () => {
    expect((await searchRunTable(b.as("admin"), {})).items).toEqual([]);
    await expect(searchRunTable(b.as("admin"), { experimentIds: ["churn"] })).rejects.toMatchObject(
      { code: "not_found" },
    );
    await expect(listColumns(b.as("admin"), { experimentIds: ["churn"] })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(compareRuns(b.as("admin"), { runIds: ids.slice(0, 1) })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("shows a key of one run that run only", async () => {
    const actor = {
      type: "apiKey",
      keyId: newId(),
      name: "t",
      role: "data_scientist",
      runId: ids[2] ?? null,
    } as const;
    const { items } = await searchRunTable(
      { ...a.as("admin"), actor },
      { filter: "metrics.auc < 1" },
    );
    expect(items.map((run) => run.id)).toEqual([ids[2]]);
  });
});

describe("listColumns", () => {
  it("counts the runs that have each key", async () => {
    expect(await listColumns(a.as("viewer"), { experimentIds: ["churn"] })).toEqual({
      metrics: [{ key: "auc", runs: 4 }],
      params: [{ key: "depth", runs: 4 }],
      tags: [
        { key: "mlflow.runName", runs: 5 },
        { key: "team name", runs: 5 },
      ],
      runs: 5,
      isExact: true,
    });
  });
});

describe("groupRuns", () => {
  it("gives mean, deviation and interval over all runs of a group, NaN left out", async () => {
    const { groups, isComplete } = await groupRuns(a.as("viewer"), {
      experimentIds: ["churn"],
      groupBy: [{ kind: "param", key: "depth" }],
      metrics: [{ key: "auc" }, { key: "auc", aggregate: "max" }],
    });
    expect(isComplete).toBe(true);
    expect(groups.map(({ values, runs }) => [values, runs])).toEqual([
      [["0"], 2],
      [["1"], 2],
      [[null], 1],
    ]);
    const [zero, one] = groups;
    expect(zero?.metrics[0]).toMatchObject({ n: 2, mean: expect.closeTo(0.4, 12) });
    expect(zero?.metrics[0]?.standardDeviation).toBeCloseTo(0.42426407, 7);
    // 0.4 ± 12.7062 · 0.42426 / √2
    expect(zero?.metrics[0]?.high).toBeCloseTo(4.2118614, 6);
    expect(one?.metrics).toEqual([
      {
        key: "auc",
        aggregate: "last",
        n: 1,
        mean: 0.3,
        standardDeviation: null,
        low: null,
        high: null,
      },
      {
        key: "auc",
        aggregate: "max",
        n: 1,
        mean: 0.3,
        standardDeviation: null,
        low: null,
        high: null,
      },
    ]);
  });
});
