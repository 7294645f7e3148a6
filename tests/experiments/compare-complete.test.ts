import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFilter, compareRuns, completeFilter } from "@/server/experiments";
import { newId } from "@/server/kernel/ids";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { makeChurnRuns } from "./support/churn-runs";

let world: TestWorld;
let a: TestWorkspace;
let ids: string[];
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  ids = await makeChurnRuns(a.as("data_scientist"));
});
afterAll(() => world.close());

describe("compareRuns", () => {
  it("puts runs side by side in the order they were named and says what differs", async () => {
    const [r0 = "", r1 = "", , r3 = ""] = ids;
    const compared = await compareRuns(a.as("viewer"), { runIds: [r3, r0, r1] });
    expect(compared.runs.map((run) => run.name)).toEqual(["r3", "r0", "r1"]);
    expect(compared.params).toEqual([{ key: "depth", values: ["1", "0", "1"], differs: true }]);
    expect(compared.tags).toContainEqual({
      key: "team name",
      values: ["growth", "risk", "risk"],
      differs: true,
    });
    expect(compared.metrics).toEqual([
      {
        key: "auc",
        goal: "maximize",
        last: [null, 0.7, 0.3],
        min: [null, 0.5, 0.2],
        max: [null, 0.9, 0.3],
        differs: true,
      },
    ]);
    const alone = await compareRuns(a.as("viewer"), { runIds: [r0, r0] });
    expect(alone.runs).toHaveLength(1);
    expect([...alone.params, ...alone.metrics].some((row) => row.differs)).toBe(false);
    await expect(compareRuns(a.as("viewer"), { runIds: [newId()] })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("checkFilter and completeFilter", () => {
  it("says what is wrong and where", async () => {
    expect(await checkFilter(a.as("viewer"), { filter: "metrics.auc > 0.5" })).toEqual({
      ok: true,
    });
    expect(
      await checkFilter(a.as("viewer"), { filter: "metrics.auc > 0.5 AND foo.x = 1" }),
    ).toEqual({
      ok: false,
      message:
        "Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
      position: 22,
    });
  });

  const complete = async (filter: string, position = filter.length) => {
    const { suggestions, from, to } = await completeFilter(a.as("viewer"), {
      experimentIds: ["churn"],
      filter,
      position,
    });
    return { texts: suggestions.map(({ text }) => text), from, to };
  };

  it("offers fields, operators, values and joining words where they belong", async () => {
    expect(await complete("met")).toMatchObject({
      texts: ["metrics.auc", "best(metrics.auc)"],
      from: 0,
      to: 3,
    });
    expect((await complete("metrics.auc ")).texts).toEqual([
      ">",
      ">=",
      "=",
      "!=",
      "<",
      "<=",
      "IS NULL",
      "IS NOT NULL",
    ]);
    expect(await complete("params.depth = ")).toMatchObject({ texts: ["'0'", "'1'"], from: 15 });
    expect(await complete("tags.`team name` = 'ri")).toMatchObject({
      texts: ["'risk'"],
      from: 19,
      to: 22,
    });
    expect((await complete("status = ")).texts).toContain("'RUNNING'");
    expect((await complete("metrics.auc > 0.5 ")).texts).toEqual(["AND", "OR"]);
    expect((await complete("NOT (tags.`te")).texts).toEqual(["tags.`team name`"]);
    expect((await complete("metrics.auc > 5 AND dep", 23)).texts).toEqual(["params.depth"]);
  });

  it("answers any text at any place", async () => {
    for (const filter of ["'", "((", "min(", "x y z", "a = 'b' OR", "`", "metrics.", "= = ="]) {
      for (let at = 0; at <= filter.length; at += 1) {
        expect(await complete(filter, at)).toHaveProperty("texts");
      }
    }
  });
});
