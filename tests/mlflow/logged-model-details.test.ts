import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
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
  mlflow = mlflowClient(server, await workspace.key("data_scientist"));
});

const invalid = (message: RegExp) => ({
  status: 400,
  body: { error_code: "INVALID_PARAMETER_VALUE", message: expect.stringMatching(message) },
});
const empty = { status: 200, body: {} };

async function newRun(): Promise<string> {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0" });
  return (body as { run: { info: { run_id: string } } }).run.info.run_id;
}
interface Model {
  info: { model_id: string; status: string; name: string };
  data: { params?: object[]; metrics?: object[] };
}
async function newModel(more: object = {}): Promise<string> {
  const { status, body } = await mlflow.post("/mlflow/logged-models", {
    experiment_id: "0",
    name: "clf",
    ...more,
  });
  expect(status).toBe(200);
  return (body as { model: Model }).model.info.model_id;
}
const model = async (id: string): Promise<Model> =>
  ((await mlflow.get(`/mlflow/logged-models/${id}`)).body as { model: Model }).model;

describe("metrics that name a model", () => {
  const point = (model_id: string, step: number, value: number | string, more: object = {}) => ({
    key: "acc",
    value,
    step,
    timestamp: 10 + step,
    model_id,
    ...more,
  });

  it("are shown by the model with run and dataset, and by the run as well, each once", async () => {
    const [run_id, model_id] = [await newRun(), await newModel()];
    const on = { dataset_name: "iris", dataset_digest: "d1" };
    const metrics = [point(model_id, 1, 0.5), point(model_id, 2, "NaN", on)];
    for (let again = 0; again < 2; again++) {
      expect(await mlflow.post("/mlflow/runs/log-batch", { run_id, metrics })).toEqual(empty);
    }
    const one = { run_id, ...point(model_id, 3, "Infinity") };
    expect(await mlflow.post("/mlflow/runs/log-metric", one)).toEqual(empty);
    const common = { key: "acc", model_id, run_id };
    expect((await model(model_id)).data.metrics).toEqual([
      { ...common, value: 0.5, step: 1, timestamp: 11 },
      { ...common, ...on, value: "NaN", step: 2, timestamp: 12 },
      { ...common, value: 1.7976931348623157e308, step: 3, timestamp: 13 },
    ]);
    const history = await mlflow.get("/mlflow/metrics/get-history", { run_id, metric_key: "acc" });
    expect(history.body.metrics).toHaveLength(3);
    const found = await mlflow.post("/mlflow/logged-models/search", {
      experiment_ids: ["0"],
      filter: "metrics.acc > 0.4",
    });
    expect(found.body).toMatchObject({ models: [{ data: { metrics: [{}, {}, {}] } }] });
  });

  it("are refused whole when the model is unknown or another workspace's", async () => {
    const [run_id, model_id] = [await newRun(), await newModel()];
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    const { body } = await foreign.post("/mlflow/runs/create", {});
    const other = (body as { run: { info: { run_id: string } } }).run.info.run_id;
    const theirs = { run_id: other, metrics: [point(model_id, 1, 1)] };
    expect((await foreign.post("/mlflow/runs/log-batch", theirs)).status).toBe(404);
    const unknown = {
      run_id,
      metrics: [point(`m-${"0".repeat(32)}`, 1, 1), { key: "x", value: 1, timestamp: 1 }],
    };
    expect((await mlflow.post("/mlflow/runs/log-batch", unknown)).status).toBe(404);
    const history = await mlflow.get("/mlflow/metrics/get-history", { run_id, metric_key: "x" });
    expect(history.body).toEqual({});
  });

  it("take names of datasets up to 500 characters, and one more is refused", async () => {
    const [run_id, model_id] = [await newRun(), await newModel()];
    const send = (more: object) =>
      mlflow.post("/mlflow/runs/log-batch", { run_id, metrics: [point(model_id, 1, 1, more)] });
    const widest = { dataset_name: "é".repeat(500), dataset_digest: "d".repeat(36) };
    expect(await send({ ...widest, key: "k".repeat(250) })).toEqual(empty);
    expect(await send({ dataset_name: "x".repeat(501) })).toEqual(invalid(/length of 500/));
    expect(await send({ dataset_digest: "x".repeat(37) })).toEqual(invalid(/length of 36/));
  });
});

describe("a logged model", () => {
  it("gets a name when it has none; one that is no file name is refused", async () => {
    expect((await model(await newModel({ name: undefined }))).info.name).not.toBe("");
    for (const name of ["a/b", "a:b", "a.b", "50%", 'say "so"', "it's", "..", "%2F"]) {
      const reply = await mlflow.post("/mlflow/logged-models", { experiment_id: "0", name });
      expect(reply).toEqual(invalid(/^Invalid model name/));
    }
  });

  it("takes parameters in batches, once each; long values are cut", async () => {
    const id = await newModel({ params: [{ key: "a", value: "1" }] });
    const send = (params: object[]) =>
      mlflow.post(`/mlflow/logged-models/${id}/params`, { params });
    const hundred = (from: number) =>
      Array.from({ length: 100 }, (_, at) => ({ key: `p${from + at}`, value: "v" }));
    expect(await send(hundred(0))).toEqual(empty);
    expect(await send(hundred(100))).toEqual(empty);
    expect(await send([{ key: "long", value: "x".repeat(6001) }])).toEqual(empty);
    expect((await model(id)).data.params).toHaveLength(202);
    expect((await model(id)).data.params).toContainEqual({ key: "long", value: "x".repeat(6000) });
    expect(await send([{ key: "a", value: "2" }])).toEqual(invalid(/^Changing param values/));
    expect(await send([{ key: "k".repeat(251), value: "" }])).toEqual(invalid(/length of 250/));
  });

  it("is finalized as ready or failed, and lists the folders of its files", async () => {
    const id = await newModel();
    const path = `/mlflow/logged-models/${id}`;
    for (const status of ["LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_READY"]) {
      expect((await mlflow.patch(path, { status })).status).toBe(200);
      expect((await model(id)).info.status).toBe(status);
    }
    const root = `/mlflow-artifacts/artifacts/0/models/${id}/artifacts`;
    for (const file of ["MLmodel", "data/model.bin", "data/deep/x"]) {
      expect((await mlflow.put(`${root}/${file}`, "x")).status).toBe(200);
    }
    const folders = `${path}/artifacts/directories`;
    const top = await mlflow.get(folders);
    expect(top.body.files).toEqual([
      { path: "MLmodel", is_dir: false, file_size: 1 },
      { path: "data", is_dir: true },
    ]);
    const below = await mlflow.get(folders, { artifact_directory_path: "data" });
    expect(below.body.files).toEqual([
      { path: "data/deep", is_dir: true },
      { path: "data/model.bin", is_dir: false, file_size: 1 },
    ]);
    expect(await mlflow.get(folders, { artifact_directory_path: "../x" })).toEqual(
      invalid(/^Invalid path/),
    );
  });

  it("of another workspace does not exist, by any route", async () => {
    const id = await newModel();
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    const path = `/mlflow/logged-models/${id}`;
    const replies = await Promise.all([
      foreign.get(path),
      foreign.patch(path, { status: "LOGGED_MODEL_READY" }),
      foreign.delete(path),
      foreign.patch(`${path}/tags`, { tags: [{ key: "a", value: "b" }] }),
      foreign.delete(`${path}/tags/a`),
      foreign.post(`${path}/params`, { params: [{ key: "a", value: "b" }] }),
      foreign.get(`${path}/artifacts/directories`),
    ]);
    expect(replies.map(({ status }) => status)).toEqual(Array(7).fill(404));
    expect((await model(id)).info.status).toBe("LOGGED_MODEL_PENDING");
  });
});

describe("deleting an experiment", () => {
  const stageOf = async (run_id: string) => {
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    return (body as { run: { info: { lifecycle_stage: string } } }).run.info.lifecycle_stage;
  };

  it("deletes its runs, restoring it brings back those that went with it; the name stays taken", async () => {
    const { body } = await mlflow.post("/mlflow/experiments/create", { name: "study" });
    const { experiment_id } = body as { experiment_id: string };
    const run = async () => {
      const made = await mlflow.post("/mlflow/runs/create", { experiment_id });
      return (made.body as { run: { info: { run_id: string } } }).run.info.run_id;
    };
    const [before, kept] = [await run(), await run()];
    await mlflow.post("/mlflow/runs/delete", { run_id: before });
    expect(await mlflow.post("/mlflow/experiments/delete", { experiment_id })).toEqual(empty);
    expect([await stageOf(before), await stageOf(kept)]).toEqual(["deleted", "deleted"]);
    expect(await mlflow.post("/mlflow/runs/create", { experiment_id })).toEqual(
      invalid(/must be in the 'active' state/),
    );
    expect(await mlflow.post("/mlflow/experiments/create", { name: "study" })).toMatchObject({
      status: 400,
      body: { error_code: "RESOURCE_ALREADY_EXISTS" },
    });
    expect(await mlflow.post("/mlflow/experiments/restore", { experiment_id })).toEqual(empty);
    expect([await stageOf(before), await stageOf(kept)]).toEqual(["deleted", "active"]);
  });
});

describe("inputs of a run", () => {
  it("are noted once by name and digest, with the context they came with first", async () => {
    const run_id = await newRun();
    const input = (context: string) => ({
      dataset: { name: "iris", digest: "d1", source_type: "local", source: "{}" },
      tags: [{ key: "mlflow.data.context", value: context }],
    });
    for (const datasets of [[input("train"), input("eval")], [input("test")]]) {
      expect(await mlflow.post("/mlflow/runs/log-inputs", { run_id, datasets })).toEqual(empty);
    }
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(body).toMatchObject({ run: { inputs: { dataset_inputs: [input("train")] } } });
    const { inputs } = (body as { run: { inputs: { dataset_inputs: object[] } } }).run;
    expect(inputs.dataset_inputs).toHaveLength(1);
  });

  it("may have names of 500 and digests of 36 characters, and not one more", async () => {
    const run_id = await newRun();
    const send = (name: number, digest: number) =>
      mlflow.post("/mlflow/runs/log-inputs", {
        run_id,
        datasets: [
          {
            dataset: {
              name: "n".repeat(name),
              digest: "d".repeat(digest),
              source_type: "local",
              source: "{}",
            },
          },
        ],
      });
    expect(await send(500, 36)).toEqual(empty);
    expect(await send(501, 36)).toEqual(invalid(/length of 500/));
    expect(await send(500, 37)).toEqual(invalid(/length of 36/));
  });
});
