import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let key: string;
let mlflow: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  mlflow = mlflowClient(server, key);
});

async function newRun(): Promise<string> {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0" });
  return (body as { run: { info: { run_id: string } } }).run.info.run_id;
}
const log = (run_id: string, values: (number | string)[], more: object = {}) =>
  mlflow.post("/mlflow/runs/log-batch", {
    run_id,
    metrics: values.map((value, step) => ({
      key: "m",
      value,
      step,
      timestamp: 10 + step,
      ...more,
    })),
  });
const invalid = (message: string | RegExp) => ({
  status: 400,
  body: {
    error_code: "INVALID_PARAMETER_VALUE",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});

describe("metrics/get-history-bulk", () => {
  const path = "/mlflow/metrics/get-history-bulk";
  it("answers the points of runs by run and time; what is no number stands bare", async () => {
    const [one, two] = [await newRun(), await newRun()].sort() as [string, string];
    await log(one, [1, "NaN", "Infinity"]);
    await log(two, [4]);
    const query = new URLSearchParams([
      ["run_id", two],
      ["run_id", one],
      ["metric_key", "m"],
    ]);
    const reply = await fetch(`${server.url}/ajax-api/2.0${path}?${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const text = await reply.text();
    expect(text).toContain('{"value": NaN,');
    expect(JSON.parse(text.replace("NaN", '"NaN"'))).toEqual({
      metrics: [
        { key: "m", value: 1, timestamp: 10, step: 0, run_id: one },
        { key: "m", value: "NaN", timestamp: 11, step: 1, run_id: one },
        { key: "m", value: 1.7976931348623157e308, timestamp: 12, step: 2, run_id: one },
        { key: "m", value: 4, timestamp: 10, step: 0, run_id: two },
      ],
    });
    const cut = await mlflow.get(path, { run_id: one, metric_key: "m", max_results: "1" });
    expect(cut.body.metrics).toHaveLength(1);
  });

  it("needs a key and one run to a hundred, of this workspace", async () => {
    const run_id = await newRun();
    expect(await mlflow.get(path, { metric_key: "m" })).toEqual(
      invalid("GetMetricHistoryBulk request must specify at least one run_id."),
    );
    expect(await mlflow.get(path, { run_id })).toEqual(
      invalid("GetMetricHistoryBulk request must specify a metric_key."),
    );
    const many = (count: number) => ({ metric_key: "m", run_id: Array(count).fill(run_id) });
    expect((await mlflow.get(path, many(100))).status).toBe(200);
    expect(await mlflow.get(path, many(101))).toEqual(
      invalid(/cannot specify more than 100 run_ids. Received 101 run_ids/),
    );
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    expect((await foreign.get(path, { run_id, metric_key: "m" })).status).toBe(404);
  });
});

describe("metrics/get-history-bulk-interval", () => {
  const path = "/mlflow/metrics/get-history-bulk-interval";
  const stepsOf = (body: Record<string, unknown>) =>
    ((body.metrics ?? []) as { step: number }[]).map(({ step }) => step);

  it("answers whole short series, and an even choice of longer ones with both ends", async () => {
    const run_id = await newRun();
    await log(run_id, [0, 1, 2, 3, 4, 5, 6, 7, 8, "NaN"]);
    const args = { run_ids: run_id, metric_key: "m" };
    const whole = await mlflow.get(path, args);
    expect(stepsOf(whole.body)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((whole.body.metrics as object[])[9]).toEqual({
      key: "m",
      value: "NaN",
      timestamp: 19,
      step: 9,
      run_id,
    });
    const some = await mlflow.get(path, { ...args, max_results: "5" });
    expect(stepsOf(some.body)).toEqual([0, 2, 4, 6, 9]);
    const last = await mlflow.get(path, { ...args, max_results: "1" });
    expect(stepsOf(last.body)).toEqual([9]);
    const middle = await mlflow.get(path, { ...args, start_step: "3", end_step: "5" });
    expect(stepsOf(middle.body)).toEqual([3, 4, 5]);
    expect((await mlflow.get(path, { ...args, metric_key: "none" })).body).toEqual({});
  });

  it("does not swell when every point has one step", async () => {
    const run_id = await newRun();
    await log(
      run_id,
      Array(900)
        .fill(0)
        .map((_, at) => at),
      { step: 0 },
    );
    const { body } = await mlflow.get(path, {
      run_ids: run_id,
      metric_key: "m",
      max_results: "30",
    });
    expect(stepsOf(body)).toHaveLength(30);
  });

  it("refuses wrong ranges and counts", async () => {
    const run_id = await newRun();
    const args = { run_ids: run_id, metric_key: "m" };
    for (const [more, message] of [
      [{ start_step: "1" }, /both must be specified/],
      [{ start_step: "2", end_step: "1" }, /end_step must be greater than start_step/],
      [{ max_results: "0" }, /between 1 and 2500/],
      [{ max_results: "2501" }, /between 1 and 2500/],
      [{ max_results: "x" }, /^Invalid value "x" for parameter 'max_results'/],
      [{ metric_key: "" }, /^Missing value for required parameter 'metric_key'/],
    ] as [Record<string, string>, RegExp][]) {
      expect(await mlflow.get(path, { ...args, ...more })).toEqual(invalid(message));
    }
    expect((await mlflow.get(path, { ...args, max_results: "2500" })).status).toBe(200);
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    expect((await foreign.get(path, args)).status).toBe(404);
  });
});

describe("experiments/search-datasets", () => {
  const input = (name: string, context?: string) => ({
    dataset: { name, digest: "d1", source_type: "local", source: "{}" },
    tags: context ? [{ key: "mlflow.data.context", value: context }] : [],
  });

  it("lists each dataset once with its context, by both spellings of the path", async () => {
    for (const datasets of [
      [input("iris", "train"), input("wine")],
      [input("iris", "train")],
      [input("iris", "test")],
    ]) {
      await mlflow.post("/mlflow/runs/log-inputs", { run_id: await newRun(), datasets });
    }
    const expected = {
      status: 200,
      body: {
        dataset_summaries: [
          { experiment_id: "0", name: "iris", digest: "d1", context: "test" },
          { experiment_id: "0", name: "iris", digest: "d1", context: "train" },
          { experiment_id: "0", name: "wine", digest: "d1" },
        ],
      },
    };
    for (const path of ["/mlflow", "mlflow"]) {
      const reply = await mlflow.post(`${path}/experiments/search-datasets`, {
        experiment_ids: ["0"],
      });
      expect(reply, path).toEqual(expected);
    }
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    const other = await foreign.post("/mlflow/experiments/search-datasets", {
      experiment_ids: ["0"],
    });
    expect(other).toEqual({ status: 200, body: {} });
  });

  it("takes one experiment to twenty", async () => {
    const ask = (count: number) =>
      mlflow.post("/mlflow/experiments/search-datasets", {
        experiment_ids: Array.from({ length: count }, (_, at) => String(at)),
      });
    expect(await ask(0)).toEqual(
      invalid("SearchDatasets request must specify at least one experiment_id."),
    );
    expect((await ask(20)).status).toBe(200);
    expect(await ask(21)).toEqual(invalid(/cannot specify more than 20 experiment_ids/));
  });
});

describe("runs/log-model", () => {
  const model = {
    artifact_path: "model",
    flavors: { sklearn: {} },
    utc_time_created: "2026-01-31 12:00:00",
    run_id: "r",
  };
  const post = (run_id: string, model_json: unknown) =>
    mlflow.post("/mlflow/runs/log-model", { run_id, model_json });
  const history = async (run_id: string) => {
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    const { tags } = (body as { run: { data: { tags: { key: string; value: string }[] } } }).run
      .data;
    const tag = tags.find(({ key }) => key === "mlflow.log-model.history");
    return tag ? JSON.parse(tag.value) : null;
  };

  it("lists each model of the run once, in the tag that older clients read", async () => {
    const run_id = await newRun();
    expect(await post(run_id, JSON.stringify(model))).toEqual({ status: 200, body: {} });
    expect((await post(run_id, JSON.stringify(model))).status).toBe(200);
    const second = { ...model, artifact_path: "other", signature: "left out" };
    expect((await post(run_id, JSON.stringify(second))).status).toBe(200);
    expect(await history(run_id)).toEqual([model, { ...model, artifact_path: "other" }]);
  });

  it("refuses what is no model, too many of them, and another workspace's run", async () => {
    const run_id = await newRun();
    expect(await post(run_id, "{")).toEqual(invalid(/is not a valid JSON/));
    expect(await post(run_id, "[]")).toEqual(invalid(/is not a valid JSON/));
    expect(await post(run_id, "{}")).toEqual(
      invalid(/missing mandatory fields: artifact_path, flavors, utc_time_created, run_id/),
    );
    expect(await post(run_id, undefined)).toEqual(invalid(/required parameter 'model_json'/));
    const large = { ...model, flavors: { a: "x".repeat(8000) } };
    expect((await post(run_id, JSON.stringify(large))).status).toBe(400);
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    const reply = await foreign.post("/mlflow/runs/log-model", {
      run_id,
      model_json: JSON.stringify(model),
    });
    expect(reply.status).toBe(404);
  });
});
