import { describe, expect, it } from "vitest";
import { npmi } from "@/server/experiments/traces/npmi";
import { type MlflowClient, mlflowClient } from "./client";
import { serveMlflow, server, workspace, world } from "./routes-suite";

serveMlflow();

const location = { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } };
const client = async (): Promise<MlflowClient> =>
  mlflowClient(server, await workspace.key("data_scientist"), "/api/3.0");
const trace = (v3: MlflowClient, at: number, tags: Record<string, string>) =>
  v3.post("/mlflow/traces", {
    trace: {
      trace_info: {
        trace_id: `tr-${at}`,
        trace_location: location,
        request_time: "2026-01-31T12:00:00Z",
        state: "OK",
        tags,
      },
    },
  });
const correlate = (v3: MlflowClient, more: object = {}) =>
  v3.post("/mlflow/traces/calculate-filter-correlation", {
    experiment_ids: ["0"],
    filter_string1: "tags.tool = 'yes'",
    filter_string2: "tags.broken = 'yes'",
    ...more,
  });

describe("the correlation of two filters of traces", () => {
  it("counts those that meet either and both, and says how they lie to each other", async () => {
    const v3 = await client();
    const tags = [
      { tool: "yes", broken: "yes" },
      { tool: "yes", broken: "yes" },
      { tool: "yes" },
      { broken: "yes", day: "1" },
      { day: "1" },
      {},
    ];
    for (const [at, one] of tags.entries()) await trace(v3, at, one as Record<string, string>);
    const counts = { filter1_count: 3, filter2_count: 3, joint_count: 2, total_count: 6 };
    // ln(2·6 / (3·3)) / -ln(2/6), and with a half added to each of the four counts.
    expect(await correlate(v3)).toEqual({
      status: 200,
      body: {
        ...counts,
        npmi: expect.closeTo(0.26186, 4),
        npmi_smoothed: expect.closeTo(0.19184, 4),
      },
    });
    expect((await correlate(v3, { base_filter: "tags.day = '1'" })).body).toEqual({
      filter1_count: 0,
      filter2_count: 1,
      joint_count: 0,
      total_count: 2,
    });
  });

  it("is refused for a filter that cannot be read and sees nothing of others", async () => {
    const v3 = await client();
    await trace(v3, 1, { tool: "yes", broken: "yes" });
    expect((await correlate(v3, { filter_string1: "color = 1" })).status).toBe(400);
    expect((await correlate(v3, { filter_string2: undefined })).status).toBe(400);
    expect((await correlate(v3, { experiment_ids: [] })).status).toBe(400);
    expect((await correlate(v3, { experiment_ids: ["x"] })).status).toBe(400);
    const other = await world.workspace();
    const theirs = mlflowClient(server, await other.key("admin"), "/api/3.0");
    expect((await correlate(theirs)).body).toMatchObject({ total_count: 0 });
  });
});

describe("normalized pointwise mutual information", () => {
  it.each([
    [{ total: 15, first: 10, second: 10, both: 10 }, 1],
    [{ total: 10, first: 10, second: 10, both: 10 }, 1],
    [{ total: 10, first: 5, second: 5, both: 0 }, -1],
    [{ total: 100, first: 50, second: 40, both: 20 }, 0],
    [{ total: 10, first: 0, second: 5, both: 0 }, Number.NaN],
    [{ total: 0, first: 0, second: 0, both: 0 }, Number.NaN],
  ])("of %o is %d", (seen, expected) => {
    const { plain } = npmi(seen);
    if (Number.isNaN(expected)) expect(plain).toBeNaN();
    else expect(plain).toBeCloseTo(expected, 10);
  });
});
